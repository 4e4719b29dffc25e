using System.Numerics;

namespace Peer.Protocol.Recovery;

/// <summary>Sent packets by number. A bitmap of the occupied places lets an acknowledged range of any length be walked 64 numbers at a step.</summary>
internal sealed class SentPacketRing<TFrame>
{
    private const int SmallestCapacity = 16;
    private const int WordBits = 64;

    private SentPacket<TFrame>?[] _slots = new SentPacket<TFrame>?[SmallestCapacity];
    private ulong[] _occupied = new ulong[1];

    /// <summary>No number below this one is in the ring.</summary>
    public long First { get; private set; }

    /// <summary>The number that the next packet must have.</summary>
    public long Next { get; private set; }

    /// <summary>Records in the ring.</summary>
    public int Count { get; private set; }

    /// <summary>The first number ever added; <see cref="long.MaxValue"/> before any.</summary>
    public long Origin { get; private set; } = long.MaxValue;

    private int Mask => _slots.Length - 1;

    public void Add(SentPacket<TFrame> packet)
    {
        if (Origin == long.MaxValue)
        {
            Origin = packet.Number;
            Next = packet.Number;
        }

        if (packet.Number != Next)
            throw new ArgumentException($"Packet numbers are contiguous: {Next} was due, not {packet.Number}.", nameof(packet));
        if (Count == 0)
            First = Next;
        if (Next - First == _slots.Length)
            Grow();
        Put(packet);
        Next++;
        Count++;
    }

    /// <summary>The record of an occupied number.</summary>
    public SentPacket<TFrame> this[long number] => _slots[(int)(number & Mask)]!;

    /// <summary>The first occupied number from <paramref name="from"/> to <paramref name="to"/>, both included, or -1.</summary>
    public long Find(long from, long to)
    {
        from = Math.Max(from, First);
        to = Math.Min(to, Next - 1);
        if (Count == 0)
            return -1;
        var step = Math.Min(WordBits, _slots.Length);
        while (from <= to)
        {
            var place = (int)(from & Mask);
            var word = _occupied[place >> 6] >> (place & 63);
            if (word != 0)
            {
                var found = from + BitOperations.TrailingZeroCount(word);
                return found <= to ? found : -1;
            }

            from += step - (place & (step - 1));
        }

        return -1;
    }

    /// <summary>Takes out the record of an occupied number.</summary>
    public SentPacket<TFrame> Remove(long number)
    {
        var place = (int)(number & Mask);
        var packet = _slots[place]!;
        _slots[place] = null;
        _occupied[place >> 6] &= ~(1UL << (place & 63));
        Count--;
        if (number == First)
            First = Count == 0 ? Next : Find(number + 1, Next - 1);
        return packet;
    }

    private void Put(SentPacket<TFrame> packet)
    {
        var place = (int)(packet.Number & Mask);
        _slots[place] = packet;
        _occupied[place >> 6] |= 1UL << (place & 63);
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new SentPacket<TFrame>?[old.Length * 2];
        _occupied = new ulong[Math.Max(1, _slots.Length / WordBits)];
        foreach (var packet in old)
        {
            if (packet is not null)
                Put(packet);
        }
    }
}
