using System.Buffers.Binary;
using System.Numerics;

namespace Peer.Protocol.Admission;

/// <summary>
/// A rate for each source prefix in memory that does not depend on how many there are: a flood from forged addresses must not make the server remember them.
/// </summary>
/// <remarks>
/// A sketch of counters, as in Cormode and Muthukrishnan, "An improved data stream summary: the count-min sketch" (2005), with the theoretical arrival
/// time of the generic cell rate algorithm in each cell. A prefix owns one cell in each row and is limited only when all of them are: sharing a cell with
/// a loud prefix costs a quiet one nothing unless that happens in every row. Which prefixes share is keyed by chance, so nobody can aim.
/// </remarks>
internal sealed class PrefixRates
{
    private const int Rows = 2;
    private const int Bits = 13;

    /// <summary>Made when it is first needed: most peers never hear of a stranger.</summary>
    private long[]? _arrivals;
    private readonly ulong[] _keys = new ulong[Rows * 2];
    private readonly long _interval;
    private readonly long _tolerance;

    /// <param name="perSecond">For each prefix, 1 .. 1 000 000.</param>
    /// <param name="burst">Most at once, 1 or more.</param>
    /// <param name="random">Where the keys of the sketch come from.</param>
    public PrefixRates(int perSecond, int burst, IRandomSource random)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 1_000_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        _interval = 1_000_000 / perSecond;
        _tolerance = _interval * (burst - 1L);
        Span<byte> drawn = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < _keys.Length; i++)
        {
            random.Fill(drawn);
            _keys[i] = BinaryPrimitives.ReadUInt64LittleEndian(drawn) | 1;
        }
    }

    /// <summary>Takes one from the prefix's rate, if it has one left.</summary>
    /// <param name="prefix">The source.</param>
    /// <param name="now">Microseconds, 0 or more.</param>
    public bool TryTake(AddressPrefix prefix, long now)
    {
        _arrivals ??= new long[Rows << Bits];
        Span<int> cells = stackalloc int[Rows];
        var mayPass = false;
        for (var row = 0; row < Rows; row++)
        {
            cells[row] = CellOf(prefix, row);
            mayPass |= _arrivals[cells[row]] - now <= _tolerance;
        }

        if (!mayPass)
            return false;
        foreach (var cell in cells)
        {
            var arrival = _arrivals[cell];
            if (arrival - now <= _tolerance)
                _arrivals[cell] = Math.Max(arrival, now) + _interval;
        }

        return true;
    }

    private int CellOf(AddressPrefix prefix, int row)
    {
        var low = (ulong)prefix.Bits ^ ((ulong)prefix.Length << 56) ^ (prefix.IsIPv6 ? 1UL << 48 : 0);
        var high = (ulong)(prefix.Bits >> 64);
        var mixed = (low * _keys[row * 2]) ^ BitOperations.RotateLeft(high * _keys[(row * 2) + 1], 32);
        mixed ^= mixed >> 29;
        mixed *= _keys[(row * 2) + 1];
        return (row << Bits) + (int)(mixed >> (64 - Bits));
    }
}
