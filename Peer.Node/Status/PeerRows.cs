using Peer.Protocol;

namespace Peer.Node.Status;

/// <summary>Rows of peers, with rates since the last time; renewed a few times a second at most, however many ask.</summary>
internal sealed class PeerRows(TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private Dictionary<(string Room, int Id), PeerStatistics> _before = [];
    private IReadOnlyList<PeerStatus> _rows = [];
    private long _readAt = time.GetTimestamp();

    /// <summary>The rows of these peers, the first <see cref="NodeStatus.MostPeers"/> of them.</summary>
    public IReadOnlyList<PeerStatus> Of(IEnumerable<(int Id, string Room, PeerStatistics Now)> peers)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(_readAt, now);
            if (elapsed < Interval)
                return _rows;
            _readAt = now;
            var shown = peers.Take(NodeStatus.MostPeers).ToArray();
            _rows = [.. shown.Select(peer => Row(peer.Id, peer.Room, peer.Now, _before.GetValueOrDefault((peer.Room, peer.Id), peer.Now), elapsed.TotalSeconds))];
            _before = shown.ToDictionary(peer => (peer.Room, peer.Id), peer => peer.Now);
            return _rows;
        }
    }

    private static PeerStatus Row(int id, string room, PeerStatistics now, PeerStatistics before, double seconds) => new(
        id,
        room,
        now.RoundTripMs,
        now.JitterMs,
        now.Loss,
        (now.BytesReceived - before.BytesReceived) / seconds,
        (now.BytesSent - before.BytesSent) / seconds,
        now.QueuedBytes.Values.Sum(),
        now.QueueTimesMs.Values.DefaultIfEmpty().Max());
}
