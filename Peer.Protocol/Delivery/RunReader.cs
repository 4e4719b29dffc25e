using Peer.Protocol.Wire;

namespace Peer.Protocol.Delivery;

/// <summary>Walks the messages of a run.</summary>
internal static class RunReader
{
    /// <summary>Takes the message at the offset and moves past it; false at the end, or where the bytes are not a run.</summary>
    public static bool TryNext(ReadOnlyMemory<byte> run, ref int offset, out ReadOnlyMemory<byte> message)
    {
        message = default;
        if (offset >= run.Length
            || !Varint.TryRead(run.Span[offset..], out var length, out var prefix)
            || length == 0
            || length > (ulong)(run.Length - offset - prefix))
            return false;
        message = run.Slice(offset + prefix, (int)length);
        offset += prefix + (int)length;
        return true;
    }

    /// <summary>Counts the messages of a run that came from outside; -1 when the bytes are not exactly a run of at least one message.</summary>
    public static int Count(ReadOnlySpan<byte> run)
    {
        var count = 0;
        while (run.Length > 0)
        {
            if (!Varint.TryRead(run, out var length, out var prefix) || length == 0 || length > (ulong)(run.Length - prefix))
                return -1;
            run = run[(prefix + (int)length)..];
            count++;
        }

        return count == 0 ? -1 : count;
    }
}
