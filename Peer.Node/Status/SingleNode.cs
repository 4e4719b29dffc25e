using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Status;

/// <summary>A node by itself: one room. The thread that polls tells it how things are, others read.</summary>
internal sealed class SingleNode(TimeProvider time) : INodeView
{
    /// <summary>A loop that has not turned for so long hangs: a turn takes milliseconds.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<int, PeerStatistics> _before = [];
    private long _turnedAt = time.GetTimestamp();
    private long _readAt = time.GetTimestamp();
    private int _state = (int)NodeState.Starting;
    private Snapshot _snapshot = new([new MemberStatus("", "up", IsSelf: true, 0, 0)], [], []);

    public NodeState State
    {
        get => (NodeState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }

    public string? Illness =>
        time.GetElapsedTime(Volatile.Read(ref _turnedAt)) is var silent && silent > Patience ? $"the loop has not turned for {silent.TotalSeconds:F0} s" : null;

    public IReadOnlyList<MemberStatus> Members => Volatile.Read(ref _snapshot).Members;

    public IReadOnlyList<RoomStatus> Rooms => Volatile.Read(ref _snapshot).Rooms;

    public IReadOnlyList<PeerStatus> Peers => Volatile.Read(ref _snapshot).Peers;

    /// <summary>The loop has turned; renews what others read, now and then.</summary>
    public void Turn(MultiplayerPeer peer, IReadOnlyCollection<int> ids, string endpoint)
    {
        var now = time.GetTimestamp();
        Volatile.Write(ref _turnedAt, now);
        var elapsed = time.GetElapsedTime(_readAt, now);
        if (elapsed < Interval)
            return;
        _readAt = now;
        var (peers, trip, loss) = (new List<PeerStatus>(), 0.0, 0.0);
        foreach (var id in ids)
        {
            var statistics = peer.GetPeerStatistics(id);
            var before = _before.GetValueOrDefault(id, PeerStatistics.Empty);
            _before[id] = statistics;
            trip += statistics.RoundTripMs;
            loss += statistics.Loss;
            if (peers.Count < NodeStatus.MostPeers)
                peers.Add(Row(id, statistics, before, elapsed.TotalSeconds));
        }

        foreach (var gone in _before.Keys.Where(id => !ids.Contains(id)).ToArray())
            _before.Remove(gone);
        Volatile.Write(ref _snapshot, new Snapshot(
            [new MemberStatus(endpoint, "up", IsSelf: true, 1, ids.Count)],
            [new RoomStatus("room", endpoint, endpoint, ids.Count, ids.Count == 0 ? null : trip / ids.Count, ids.Count == 0 ? null : loss / ids.Count)],
            peers));
    }

    private static PeerStatus Row(int id, PeerStatistics now, PeerStatistics before, double seconds) => new(
        id,
        "room",
        now.RoundTripMs,
        now.JitterMs,
        now.Loss,
        (now.BytesReceived - before.BytesReceived) / seconds,
        (now.BytesSent - before.BytesSent) / seconds,
        now.QueuedBytes.Values.Sum(),
        now.QueueTimesMs.Values.DefaultIfEmpty().Max());

    private sealed record Snapshot(IReadOnlyList<MemberStatus> Members, IReadOnlyList<RoomStatus> Rooms, IReadOnlyList<PeerStatus> Peers);
}
