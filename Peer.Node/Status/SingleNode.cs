using Peer.Actors;

namespace Peer.Node.Status;

/// <summary>A node by itself: one room. The thread that polls tells it how things are, others read.</summary>
internal sealed class SingleNode(TimeProvider time) : INodeView
{
    /// <summary>A loop that has not turned for so long hangs: a turn takes milliseconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly PeerReadings _readings = new();
    private long _turnedAt = time.GetTimestamp();
    private long _readAt = time.GetTimestamp();
    private int _state = (int)NodeState.Starting;
    private NodeReading _reading = new([new MemberStatus("", "up", IsSelf: true, 0, 0)], [], []);

    public NodeState State
    {
        get => (NodeState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    public string? Illness =>
        time.GetElapsedTime(Volatile.Read(ref _turnedAt)) is var silent && silent > Patience ? $"the loop has not turned for {silent.TotalSeconds:F0} s" : null;

    public ValueTask<NodeReading> ReadAsync(CancellationToken cancellation) => ValueTask.FromResult(Volatile.Read(ref _reading));

    /// <summary>The loop has turned; renews what others read, now and then.</summary>
    public void Turn(MultiplayerPeer peer, IReadOnlyCollection<int> ids, string endpoint)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _turnedAt, now);
        var elapsed = time.GetElapsedTime(_readAt, now);
        if (elapsed < Interval)
            return;
        _readAt = now;
        _readings.Begin();
        var (peers, trip, loss) = (new List<PeerStatus>(), 0.0, 0.0);
        foreach (var id in ids)
        {
            var statistics = peer.GetPeerStatistics(id);
            trip += statistics.RoundTripMs;
            loss += statistics.Loss;
            if (peers.Count < NodeStatus.MostPeers)
                peers.Add(_readings.Row("room", id, statistics, elapsed.TotalSeconds));
        }

        Volatile.Write(ref _reading, new NodeReading(
            [new MemberStatus(endpoint, "up", IsSelf: true, 1, ids.Count)],
            [new RoomStatus("room", endpoint, endpoint, ids.Count, ids.Count == 0 ? null : trip / ids.Count, ids.Count == 0 ? null : loss / ids.Count)],
            peers));
    }
}
