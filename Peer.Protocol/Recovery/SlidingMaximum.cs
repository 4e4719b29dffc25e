namespace Peer.Protocol.Recovery;

/// <summary>The largest value of the last so many epochs (rounds or seconds), because an estimate must forget what the path no longer does.</summary>
internal sealed class SlidingMaximum
{
    private readonly long[] _slots;
    private long _epoch = long.MinValue;
    private int _slot;

    public SlidingMaximum(int epochs)
    {
        _slots = new long[epochs];
        Array.Fill(_slots, long.MinValue);
    }

    /// <summary>The maximum, or <see cref="long.MinValue"/> before any value.</summary>
    public long Value { get; private set; } = long.MinValue;

    /// <summary>Adds a value; one of an earlier epoch than the last counts into the last.</summary>
    public void Add(long epoch, long value)
    {
        MoveTo(epoch);
        if (value > _slots[_slot])
            _slots[_slot] = value;
        if (value > Value)
            Value = value;
    }

    /// <summary>Lets time pass without a value; what is older than the window goes.</summary>
    public void MoveTo(long epoch)
    {
        if (_epoch == long.MinValue)
            _epoch = epoch;
        if (epoch <= _epoch)
            return;
        var steps = (ulong)(epoch - _epoch);
        _epoch = epoch;
        if (steps >= (ulong)_slots.Length)
        {
            Array.Fill(_slots, long.MinValue);
            Value = long.MinValue;
            return;
        }

        for (; steps > 0; steps--)
        {
            _slot = _slot + 1 == _slots.Length ? 0 : _slot + 1;
            _slots[_slot] = long.MinValue;
        }

        Value = long.MinValue;
        foreach (var slot in _slots)
            Value = Math.Max(Value, slot);
    }
}
