using Peer.Protocol;

namespace Peer.Node.Status;

/// <summary>Rows of peers, with rates since the reading before.</summary>
internal sealed class PeerReadings
{
    private Dictionary<(string Room, int Id), PeerStatistics> _before = [];
    private Dictionary<(string Room, int Id), PeerStatistics> _now = [];

    /// <summary>Begins another reading; peers that the one before did not have are forgotten.</summary>
    public void Begin()
    {
        (_before, _now) = (_now, _before);
        _now.Clear();
    }

    /// <param name="room">Its room.</param>
    /// <param name="id">Its ID.</param>
    /// <param name="statistics">As they are.</param>
    /// <param name="seconds">Since the reading before.</param>
    public PeerStatus Row(string room, int id, PeerStatistics statistics, double seconds)
    {
        var before = _before.GetValueOrDefault((room, id), PeerStatistics.Empty);
        _now[(room, id)] = statistics;
        return new PeerStatus(
            id,
            room,
            statistics.RoundTripMs,
            statistics.JitterMs,
            statistics.Loss,
            (statistics.BytesReceived - before.BytesReceived) / seconds,
            (statistics.BytesSent - before.BytesSent) / seconds,
            statistics.QueuedBytes.Values.Sum(),
            statistics.QueueTimesMs.Values.DefaultIfEmpty().Max());
    }
}
