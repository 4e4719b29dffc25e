namespace Peer.Protocol.ENet;

/// <summary>
/// The slots of a host that no connection has. They are given by chance, so that nobody knows which one somebody else has, and several strangers may be offered
/// the same where there are more strangers than slots: who confirms first has it.
/// </summary>
internal sealed class ENetSlots
{
    /// <summary>So many places are looked at for one that nobody else was offered.</summary>
    private const int Looks = 16;

    private readonly Func<int, int> _draw;
    private readonly List<ushort> _free = [];
    private readonly int[] _places;
    private readonly int[] _offers;

    /// <param name="count">How many there are, 1 .. 4 095.</param>
    /// <param name="draw">Draws a number below another.</param>
    public ENetSlots(int count, Func<int, int> draw)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, ENetFormat.NoPeer);
        _draw = draw;
        _places = new int[count];
        _offers = new int[count];
        for (var slot = 0; slot < count; slot++)
            GiveBack((ushort)slot);
    }

    /// <summary>How many there are, taken ones included.</summary>
    public int Count => _places.Length;

    /// <summary>Offers one; null when all are taken.</summary>
    public ushort? Offer()
    {
        if (Find() is not { } slot)
            return null;
        _offers[slot]++;
        return slot;
    }

    /// <summary>An offer that was not taken up, or has been.</summary>
    public void EndOffer(ushort slot) => _offers[slot]--;

    /// <summary>Takes one that was offered; false when somebody else was quicker.</summary>
    public bool TryTake(ushort slot)
    {
        var place = _places[slot];
        if (place < 0)
            return false;
        var last = _free[^1];
        _free[place] = last;
        _places[last] = place;
        _free.RemoveAt(_free.Count - 1);
        _places[slot] = -1;
        return true;
    }

    /// <summary>Takes any; null when all are taken.</summary>
    public ushort? Take() => Find() is { } slot && TryTake(slot) ? slot : null;

    /// <summary>A taken one is free again.</summary>
    public void GiveBack(ushort slot)
    {
        _places[slot] = _free.Count;
        _free.Add(slot);
    }

    private ushort? Find()
    {
        if (_free.Count == 0)
            return null;
        var start = _draw(_free.Count);
        for (var i = 0; i < Math.Min(Looks, _free.Count); i++)
        {
            var slot = _free[(start + i) % _free.Count];
            if (_offers[slot] == 0)
                return slot;
        }

        return _free[start];
    }
}
