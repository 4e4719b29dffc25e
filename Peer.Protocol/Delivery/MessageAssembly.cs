using Peer.Protocol.Handover;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Delivery;

/// <summary>One message being put together from its pieces: it checks that they belong together, and grows with what has arrived.</summary>
/// <param name="count">Number of pieces, as announced.</param>
/// <param name="peer">The peer field that all of them carry.</param>
/// <param name="maxMessageBytes">The largest legal message.</param>
internal sealed class MessageAssembly(int count, int? peer, int maxMessageBytes)
{
    /// <summary>Room before the message for its length.</summary>
    private const int PrefixRoom = 5;

    /// <summary>Larger messages are the garbage collector's: a pool would keep such arrays for a rare need.</summary>
    private const int LargestPooled = 1 << 20;

    private RunBuffer? _buffer;
    private int _length;
    private int _pieceBytes;
    private int _lastBytes;

    public int Count => count;

    public int? Peer => peer;

    /// <summary>Index of the first piece that is missing from the message's beginning.</summary>
    public int NextIndex { get; private set; }

    /// <summary>Bytes of the message so far.</summary>
    public int MessageBytes => _length;

    public bool IsComplete => NextIndex == count;

    /// <summary>Whether a piece may belong to this message. Remembers lengths, so that a later piece that contradicts them is refused.</summary>
    public bool Admits(in InboundFrame frame)
    {
        var length = frame.Payload.Length;
        if (frame.FragmentCount != count || frame.Peer != peer || length == 0)
            return false;
        if (frame.FragmentIndex < count - 1)
        {
            if (_pieceBytes == 0 ? _lastBytes > length : _pieceBytes != length)
                return false;
            _pieceBytes = length;
        }
        else
        {
            if (_pieceBytes != 0 && length > _pieceBytes)
                return false;
            _lastBytes = length;
        }

        var atLeast = ((long)(count - 1) * Math.Max(_pieceBytes, _lastBytes)) + Math.Max(_lastBytes, 1);
        return atLeast <= maxMessageBytes;
    }

    /// <summary>Appends the piece with <see cref="NextIndex"/>.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        Grow(piece.Length);
        piece.CopyTo(_buffer!.Array.AsSpan(PrefixRoom + _length));
        _length += piece.Length;
        NextIndex++;
    }

    /// <summary>The complete message as a run of one, with the reference to its buffer.</summary>
    public ReadOnlyMemory<byte> Finish(out RunBuffer owner)
    {
        owner = _buffer!;
        _buffer = null;
        var prefix = Varint.Size((uint)_length);
        Varint.Write(owner.Array.AsSpan(PrefixRoom - prefix), (uint)_length);
        return owner.Array.AsMemory(PrefixRoom - prefix, prefix + _length);
    }

    /// <summary>What is here, for another process. Pieces come in order in a reliable sequence, so the beginning is all that there is.</summary>
    public HandedAssembly Export() =>
        new(count, peer, NextIndex, _pieceBytes, _lastBytes, _buffer is null ? [] : _buffer.Array.AsSpan(PrefixRoom, _length).ToArray());

    /// <summary>Goes on with what another process had; null when it is larger than a message may be.</summary>
    public static MessageAssembly? Import(HandedAssembly handed, int maxMessageBytes)
    {
        if (handed.Bytes.Length > maxMessageBytes || handed.Bytes.Length == 0)
            return null;
        var assembly = new MessageAssembly(handed.Count, handed.Peer, maxMessageBytes) { _pieceBytes = handed.PieceBytes, _lastBytes = handed.LastBytes };
        assembly.Append(handed.Bytes);
        assembly.NextIndex = handed.NextIndex;
        return assembly;
    }

    /// <summary>The rest will never come.</summary>
    public void Abandon()
    {
        _buffer?.Release();
        _buffer = null;
    }

    private void Grow(int more)
    {
        var needed = PrefixRoom + _length + more;
        if (_buffer is not null && needed <= _buffer.Array.Length)
            return;

        // Doubling what is here, never what was announced; the announced size only keeps the last step from overshooting.
        var announced = PrefixRoom + ((long)count * Math.Max(_pieceBytes, more));
        var size = (int)Math.Max(needed, Math.Min(announced, 2L * needed));
        var larger = size <= LargestPooled ? RunBuffer.Rent(size) : RunBuffer.Wrap(GC.AllocateUninitializedArray<byte>(size));
        _buffer?.Array.AsSpan(PrefixRoom, _length).CopyTo(larger.Array.AsSpan(PrefixRoom));
        _buffer?.Release();
        _buffer = larger;
    }
}
