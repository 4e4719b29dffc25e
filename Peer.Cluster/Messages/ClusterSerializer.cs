using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Serialization;
using MessagePack;

namespace Peer.Cluster.Messages;

/// <summary>
/// Messages between nodes as MessagePack: a manifest of one letter, fields by their place, no type names, no resolvers. Whoever reaches the remoting port of a
/// node is trusted; damaged bytes throw all the same, and nothing else.
/// </summary>
internal sealed class ClusterSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    public override int Identifier => 7701;

    public override string Manifest(object o) => ClusterCodec.ManifestOf(o);

    public override byte[] ToBinary(object obj) => ClusterCodec.Encode(obj);

    public override object FromBinary(byte[] bytes, string manifest)
    {
        try
        {
            return ClusterCodec.Decode(bytes, manifest);
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or FormatException or OverflowException or ArgumentException)
        {
            throw new SerializationException($"a message '{manifest}' of {bytes.Length} bytes cannot be read", e);
        }
    }
}
