namespace Peer.Protocol.Delivery;

/// <summary>The waiting frames of one channel. Its modes take turns, and one that is blocked does not block the others.</summary>
internal sealed class Lane(byte channel, int weight)
{
    private const int Modes = 3;
    private const double WaitWeight = 1.0 / 8;

    private readonly LaneQueue?[] _queues = new LaneQueue?[Modes];
    private int _turn;
    private double _wait;

    public byte Channel { get; } = channel;

    public int Weight { get; } = weight;

    /// <summary>Bytes served, divided by the weight, on the clock of its level.</summary>
    public long Virtual { get; set; }

    /// <summary>Whether its level lists it.</summary>
    public bool IsListed { get; set; }

    public bool IsEmpty
    {
        get
        {
            foreach (var queue in _queues)
            {
                if (queue is { Count: > 0 })
                    return false;
            }

            return true;
        }
    }

    public long Bytes
    {
        get
        {
            var bytes = 0L;
            foreach (var queue in _queues)
                bytes += queue?.Bytes ?? 0;
            return bytes;
        }
    }

    public LaneQueue Queue(TransferMode mode) => _queues[(int)mode] ??= new LaneQueue();

    /// <summary>The queue to serve next among those whose head fits in the room and is paid for; null when there is none.</summary>
    public LaneQueue? Select(int room, long credit, ref bool blockedByCredit)
    {
        for (var i = 0; i < Modes; i++)
        {
            var mode = (_turn + i) % Modes;
            if (_queues[mode]?.Peek() is not { } head || head.WireSize > room)
                continue;
            if (!head.WasSent && head.Key.Mode == TransferMode.Reliable && head.CreditBytes > credit)
            {
                blockedByCredit = true;
                continue;
            }

            return _queues[mode];
        }

        return null;
    }

    /// <summary>A frame was served: the next mode has the turn.</summary>
    public void Served(OutboundFrame frame, long now)
    {
        _turn = ((int)frame.Key.Mode + 1) % Modes;
        if (!frame.WasSent)
            _wait += (Math.Max(0, now - frame.WaitsSince) - _wait) * WaitWeight;
    }

    /// <summary>Microseconds that frames lately waited for their first turn, smoothed, or that the one in front has waited by now, if that is longer.</summary>
    public double Wait(long now)
    {
        var wait = _wait;
        foreach (var queue in _queues)
        {
            if (queue?.Newcomer is { } front)
                wait = Math.Max(wait, now - front.WaitsSince);
        }

        return wait;
    }
}
