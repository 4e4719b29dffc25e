using System.Runtime.CompilerServices;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Delivery;

/// <summary>Walks the messages of a run.</summary>
internal static class RunReader
{
    /// <summary>Takes the message at the offset and moves past it; false at the end, or where the bytes are not a run.</summary>
    public static bool TryNext(ReadOnlyMemory<byte> run, ref int offset, out ReadOnlyMemory<byte> message)
    {
        if (!TryNext(run.Span, ref offset, out var length))
        {
            message = default;
            return false;
        }

        message = run.Slice(offset - length, length);
        return true;
    }

    /// <summary>Moves past the message at the offset and tells its length; false at the end, or where the bytes are not a run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryNext(ReadOnlySpan<byte> run, ref int offset, out int length)
    {
        length = 0;
        if ((uint)offset >= (uint)run.Length)
            return false;
        length = run[offset];
        if (length is 0 or >= 0x80)
            return TryNextLong(run, ref offset, out length);
        var next = offset + 1 + length;
        if (next > run.Length)
            return false;
        offset = next;
        return true;
    }

    private static bool TryNextLong(ReadOnlySpan<byte> run, ref int offset, out int length)
    {
        length = 0;
        if (!Varint.TryRead(run[offset..], out var value, out var prefix) || value == 0 || value > (ulong)(run.Length - offset - prefix))
            return false;
        length = (int)value;
        offset += prefix + length;
        return true;
    }

    /// <summary>Counts the messages of a run that came from outside; -1 when the bytes are not exactly a run of at least one message.</summary>
    public static int Count(ReadOnlySpan<byte> run)
    {
        var count = 0;
        var offset = 0;
        while (TryNext(run, ref offset, out _))
            count++;
        return offset == run.Length && count > 0 ? count : -1;
    }
}
