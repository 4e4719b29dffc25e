using System.Runtime.CompilerServices;
using Akka.IO;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Transport;

/// <summary>Takes the array that Akka.IO copied a receive into, so that the bytes are not copied a second time.</summary>
internal static class ReceivedBytes
{
    /// <summary>Whether this version of Akka lets its array be taken.</summary>
    public static bool CanTakeArray { get; } = Probe();

    /// <summary>The bytes, writable, and the buffer that they lie in with one reference, the caller's: the array itself where possible, else a copy.</summary>
    public static Memory<byte> Take(ByteString data, out RunBuffer owner)
    {
        if (CanTakeArray)
        {
            var segments = Segments(data);
            if (segments is { Length: 1 } && segments[0].Count == data.Count)
            {
                owner = RunBuffer.Wrap(segments[0].Array!);
                return segments[0];
            }
        }

        owner = RunBuffer.Wrap(data.ToArray());
        return owner.Array;
    }

    private static bool Probe()
    {
        try
        {
            byte[] array = [1];
            return Segments(ByteString.FromBytes(array)) is { Length: 1 } segments && ReferenceEquals(segments[0].Array, array);
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_buffers")]
    private static extern ref ArraySegment<byte>[] Segments(ByteString data);
}
