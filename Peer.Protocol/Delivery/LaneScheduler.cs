namespace Peer.Protocol.Delivery;

/// <summary>Decides which waiting frame leaves next: by priority, then by weight, so that a bulk transfer never delays input for long.</summary>
/// <remarks>
/// A lane per channel, a queue per (channel, mode), all of them made when first used: an idle connection pays for what it has used.
/// The control sequence is above every priority. The cost of a call grows with the lanes that have frames, not with the number of channels.
/// </remarks>
internal sealed class LaneScheduler
{
    private readonly Func<byte, LaneSettings> _table;
    private readonly long _unreliableBacklogBytes;
    private readonly Action<OutboundFrame> _dropped;
    private readonly Dictionary<byte, (Lane Lane, LaneLevel Level)> _lanes = [];

    /// <summary>Highest first.</summary>
    private readonly List<LaneLevel> _levels = [];

    /// <param name="table">Priority and weight of a channel; asked once, when the channel is first used.</param>
    /// <param name="settings">For the cap on waiting unreliable bytes.</param>
    /// <param name="dropped">Called for each unreliable frame that gave way, so that its owner can finish it. It must not call back here.</param>
    public LaneScheduler(Func<byte, LaneSettings> table, DeliverySettings settings, Action<OutboundFrame> dropped)
    {
        _table = table;
        _unreliableBacklogBytes = settings.UnreliableBacklogBytes;
        _dropped = dropped;
    }

    /// <summary>Whether frames wait. One acknowledged meanwhile counts until <see cref="Next"/> has passed it.</summary>
    public bool HasFrames
    {
        get
        {
            foreach (var level in _levels)
            {
                if (level.HasFrames)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Whether the last call of <see cref="Next"/> passed over a reliable frame for want of credit.</summary>
    public bool BlockedByCredit { get; private set; }

    /// <summary>Bytes that the waiting frames will take in datagrams.</summary>
    public long WaitingBytes
    {
        get
        {
            var bytes = 0L;
            foreach (var (lane, _) in _lanes.Values)
                bytes += lane.Bytes;
            return bytes;
        }
    }

    /// <summary>Waiting bytes of every channel that has been used; the control sequence is 255.</summary>
    public IReadOnlyDictionary<int, long> WaitingByChannel()
    {
        var bytes = new Dictionary<int, long>(_lanes.Count);
        foreach (var (lane, _) in _lanes.Values)
            bytes.Add(lane.Channel, lane.Bytes);
        return bytes;
    }

    /// <summary>How long frames wait for their turn, ms, of every channel that has been used.</summary>
    public IReadOnlyDictionary<int, double> WaitsByChannel(long now)
    {
        var waits = new Dictionary<int, double>(_lanes.Count);
        foreach (var (lane, _) in _lanes.Values)
            waits.Add(lane.Channel, lane.Wait(now) / 1000);
        return waits;
    }

    /// <summary>A new frame waits behind those of its sequence.</summary>
    public void Enqueue(OutboundFrame frame)
    {
        var queue = Activate(frame);
        queue.Add(frame);
        if (frame.Key.Mode != TransferMode.Reliable)
            DropOldest(queue);
    }

    /// <summary>A lost frame waits before the new ones of its sequence, in its place among the lost ones.</summary>
    public void EnqueueLost(OutboundFrame frame) => Activate(frame).AddLost(frame);

    /// <summary>Takes the next frame that fits, and the hold on it; null when there is none for so much room and credit.</summary>
    /// <param name="room">Bytes left in the datagram, for header and payload.</param>
    /// <param name="creditAvailable">Credit left for reliable frames that were never sent.</param>
    /// <param name="now">For how long it waited.</param>
    public OutboundFrame? Next(int room, long creditAvailable, long now = 0)
    {
        var blocked = false;
        OutboundFrame? frame = null;
        foreach (var level in _levels)
        {
            frame = level.Next(room, creditAvailable, now, ref blocked);
            if (frame is not null)
                break;
        }

        BlockedByCredit = blocked;
        return frame;
    }

    /// <summary>Whether a frame waits that an empty datagram could take now; false also when all that wait lack credit.</summary>
    public bool HasSendable(long creditAvailable)
    {
        foreach (var level in _levels)
        {
            if (level.HasSendable(creditAvailable))
                return true;
        }

        return false;
    }

    /// <summary>The other end has told that it has everything of a sequence before that number: what of it still waits is done.</summary>
    public void DoneBefore(SequenceKey key, long sequence)
    {
        if (_lanes.TryGetValue(key.Channel, out var at))
            at.Lane.Queue(key.Mode).DoneBefore(sequence, _dropped);
    }

    /// <summary>Unreliable frames that still wait are done.</summary>
    public void GiveUpUnreliable()
    {
        foreach (var (lane, _) in _lanes.Values)
        {
            lane.Queue(TransferMode.Unreliable).DoneBefore(long.MaxValue, _dropped);
            lane.Queue(TransferMode.UnreliableOrdered).DoneBefore(long.MaxValue, _dropped);
        }
    }

    private LaneQueue Activate(OutboundFrame frame)
    {
        if (!_lanes.TryGetValue(frame.Key.Channel, out var at))
            _lanes.Add(frame.Key.Channel, at = Create(frame.Key));
        at.Level.Activate(at.Lane);
        return at.Lane.Queue(frame.Key.Mode);
    }

    private (Lane Lane, LaneLevel Level) Create(SequenceKey key)
    {
        var settings = key.IsControl ? LaneSettings.Default : _table(key.Channel);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Weight, 1);
        var rank = key.IsControl ? long.MaxValue : settings.Priority;
        var at = 0;
        while (at < _levels.Count && _levels[at].Rank > rank)
            at++;
        if (at == _levels.Count || _levels[at].Rank != rank)
            _levels.Insert(at, new LaneLevel(rank));
        return (new Lane(key.Channel, settings.Weight), _levels[at]);
    }

    private void DropOldest(LaneQueue queue)
    {
        // The newest always stays, so that a small cap cannot silence a channel.
        while (queue.Bytes > _unreliableBacklogBytes && queue.Count > 1)
        {
            var wasPiece = Drop(queue);
            // The rest of a message that lost a piece is of no use to anybody.
            while (wasPiece && queue.Count > 1 && queue.Peek() is { FragmentIndex: > 0 })
                Drop(queue);
        }
    }

    private bool Drop(LaneQueue queue)
    {
        var frame = queue.Dequeue();
        var wasPiece = frame.IsFragment;
        if (!frame.IsDone)
            _dropped(frame);
        frame.Unhold();
        return wasPiece;
    }
}
