using Peer.Protocol.Delivery;

namespace Peer.Protocol.ENet;

/// <summary>
/// A message that arrives in pieces. Memory is taken, and charged, as pieces come, not when the first one announces a length; and the pieces must tile the
/// message exactly, so that what is handed up holds nothing that was not sent.
/// </summary>
internal sealed class FragmentAssembly
{
    private const int ChunkBytes = 32 * 1024;

    /// <summary>What an assembly costs beside its bytes.</summary>
    private const int Overhead = 256;

    /// <summary>No sender cuts smaller ones: the smallest datagram leaves more room than this.</summary>
    private const int SmallestPiece = 256;

    private readonly ByteBudget _budget;
    private readonly int _pieceLength;
    private readonly int _chunk;
    private readonly RunBuffer?[] _chunks;
    private readonly ulong[] _seen;
    private long _charged;
    private int _missing;

    private FragmentAssembly(int total, int count, int pieceLength, ByteBudget budget, long charged, long now)
    {
        Total = total;
        Count = count;
        _pieceLength = pieceLength;
        _budget = budget;
        _charged = charged;
        _missing = count;
        TouchedAt = now;
        _chunk = Math.Min(total, ChunkBytes);
        _chunks = new RunBuffer?[(total + _chunk - 1) / _chunk];
        _seen = new ulong[(count + 63) / 64];
    }

    public int Total { get; }

    public int Count { get; }

    public bool IsComplete => _missing == 0;

    /// <summary>When the last piece came, microseconds.</summary>
    public long TouchedAt { get; private set; }

    /// <summary>Whether such a piece can be one of a message that a sender cut into equal parts, the last of them perhaps shorter.</summary>
    public static bool IsPlausible(in Fragment fragment, int maxMessageBytes) =>
        fragment.Count is > 0 and <= ENetFormat.MaxFragments
        && fragment.Number < fragment.Count
        && fragment.Total > 0
        && fragment.Total <= (uint)maxMessageBytes
        && fragment.Count <= (fragment.Total / SmallestPiece) + 1
        && fragment.Offset < fragment.Total
        && fragment.Length > 0
        && fragment.Length <= fragment.Total - fragment.Offset
        && PieceLength(fragment) > 0;

    /// <summary>One for the message of a plausible piece; null when the budget has no room for it.</summary>
    public static FragmentAssembly? TryStart(in Fragment fragment, ByteBudget budget, long now)
    {
        var charge = Overhead + (fragment.Count / 8) + (fragment.Total / ChunkBytes * 8);
        return budget.TryReserve(charge)
            ? new FragmentAssembly((int)fragment.Total, (int)fragment.Count, PieceLength(fragment), budget, charge, now)
            : null;
    }

    /// <summary>Whether a piece belongs to this message.</summary>
    public bool Fits(in Fragment fragment) => fragment.Total == (uint)Total && fragment.Count == (uint)Count && PieceLength(fragment) == _pieceLength;

    /// <summary>Takes a piece that fits; false when the budget has no room for it. One that is there already changes nothing.</summary>
    public bool TryAdd(in Fragment fragment, ReadOnlySpan<byte> data, long now)
    {
        ref var seen = ref _seen[fragment.Number / 64];
        var bit = 1UL << (int)(fragment.Number % 64);
        if ((seen & bit) != 0)
            return true;
        var offset = (int)fragment.Offset;
        for (var i = offset / _chunk; i <= (offset + data.Length - 1) / _chunk; i++)
        {
            if (_chunks[i] is not null)
                continue;
            if (!_budget.TryReserve(_chunk))
                return false;
            _charged += _chunk;
            _chunks[i] = RunBuffer.Rent(_chunk);
        }

        while (!data.IsEmpty)
        {
            var within = offset % _chunk;
            var part = Math.Min(data.Length, _chunk - within);
            data[..part].CopyTo(_chunks[offset / _chunk]!.Array.AsSpan(within));
            data = data[part..];
            offset += part;
        }

        seen |= bit;
        _missing--;
        TouchedAt = now;
        return true;
    }

    /// <summary>The whole message; in a buffer that the caller releases when it did not fit one chunk.</summary>
    public ReadOnlySpan<byte> Read(out RunBuffer? joined)
    {
        joined = null;
        if (_chunks.Length == 1)
            return _chunks[0]!.Array.AsSpan(0, Total);
        joined = RunBuffer.Rent(Total);
        for (var i = 0; i < _chunks.Length; i++)
        {
            var start = i * _chunk;
            _chunks[i]!.Array.AsSpan(0, Math.Min(_chunk, Total - start)).CopyTo(joined.Array.AsSpan(start));
        }

        return joined.Array.AsSpan(0, Total);
    }

    /// <summary>Gives everything back.</summary>
    public void Release()
    {
        foreach (var chunk in _chunks)
            chunk?.Release();
        Array.Clear(_chunks);
        _budget.Release(_charged);
        _charged = 0;
    }

    /// <summary>Length of all pieces but the last, 0 where this one cannot be right.</summary>
    private static int PieceLength(in Fragment fragment)
    {
        if (fragment.Count == 1)
            return fragment.Offset == 0 && fragment.Length == fragment.Total ? (int)fragment.Length : 0;
        uint length;
        if (fragment.Number < fragment.Count - 1)
        {
            length = fragment.Length;
            if (fragment.Offset != (ulong)fragment.Number * length)
                return 0;
        }
        else
        {
            length = fragment.Offset / fragment.Number;
            if (length == 0 || fragment.Offset != (ulong)fragment.Number * length || fragment.Offset + fragment.Length != fragment.Total)
                return 0;
        }

        var before = (ulong)(fragment.Count - 1) * length;
        return before < fragment.Total && before + length >= fragment.Total ? (int)length : 0;
    }
}
