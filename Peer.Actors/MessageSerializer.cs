using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using MessagePack;

namespace Peer.Actors;

/// <summary>
/// Messages between nodes as MessagePack: a manifest of one letter, fields by their place, no type names, no resolvers. Whoever reaches the remoting port of a
/// node is trusted; damaged bytes throw <see cref="SerializationException"/> all the same, and nothing else.
/// </summary>
internal abstract class MessageSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public sealed override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return Read(bytes, manifest);
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw new SerializationException($"a message '{manifest}' of {bytes.Length} bytes cannot be read", e);
        }
    }

    protected abstract object Read(byte[] bytes, string manifest);
}
