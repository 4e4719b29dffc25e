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
/// Where few come at a time, each has an entry of its own instead: a node has thousands of rooms, and hardly any of them needs a sketch.
/// </remarks>
internal sealed class PrefixRates
{
    private const int Rows = 2;
    private const int Bits = 13;

    /// <summary>Prefixes whose arrivals lie ahead that are known one by one.</summary>
    private const int Few = 16;

    /// <summary>Microseconds after which a sketch that nobody is in any more is given back; not at once, or a flood in waves would have it made again and again.</summary>
    private const long Quiet = 60_000_000;

    private Source[] _few = [];
    private long[]? _arrivals;
    private long _latest;
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
        if (_arrivals is not null && now - _latest > Quiet)
            _arrivals = null;
        if (_arrivals is null && TryFind(prefix, now, out var place))
        {
            ref var source = ref _few[place];
            source.Prefix = prefix;
            return TryTake(ref source.Arrival, now);
        }

        _arrivals ??= Sketch(now);
        return TryTakeSketched(prefix, now);
    }

    /// <summary>Whether more prefixes came at a time than are known one by one.</summary>
    internal bool IsSketched => _arrivals is not null;

    private bool TryTake(ref long arrival, long now)
    {
        if (arrival - now > _tolerance)
            return false;
        arrival = Math.Max(arrival, now) + _interval;
        _latest = Math.Max(_latest, arrival);
        return true;
    }

    /// <summary>The prefix's own entry, or one that nobody needs: what lies behind is as good as never.</summary>
    private bool TryFind(AddressPrefix prefix, long now, out int place)
    {
        var free = -1;
        for (place = 0; place < _few.Length; place++)
        {
            if (_few[place].Arrival <= now)
                free = place;
            else if (_few[place].Prefix == prefix)
                return true;
        }

        place = free;
        if (free >= 0)
            return true;
        if (_few.Length == Few)
            return false;
        place = _few.Length;
        Array.Resize(ref _few, Math.Max(2, 2 * _few.Length));
        return true;
    }

    private long[] Sketch(long now)
    {
        var arrivals = new long[Rows << Bits];
        foreach (var source in _few)
        {
            for (var row = 0; row < Rows && source.Arrival > now; row++)
            {
                ref var cell = ref arrivals[CellOf(source.Prefix, row)];
                cell = Math.Max(cell, source.Arrival);
            }
        }

        _few = [];
        return arrivals;
    }

    private bool TryTakeSketched(AddressPrefix prefix, long now)
    {
        var mayPass = false;
        for (var row = 0; row < Rows; row++)
            mayPass |= TryTake(ref _arrivals![CellOf(prefix, row)], now);
        return mayPass;
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

    private struct Source
    {
        public AddressPrefix Prefix;
        public long Arrival;
    }
}
