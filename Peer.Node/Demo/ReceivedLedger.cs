namespace Peer.Node.Demo;

/// <summary>What one process has received, stream by stream.</summary>
internal sealed class ReceivedLedger
{
    private readonly Dictionary<StreamKey, Arrivals> _streams = [];

    /// <summary>Messages received, all streams together, repeated ones too.</summary>
    public long Total { get; private set; }

    public void Record(StreamKey stream, int number)
    {
        if (!_streams.TryGetValue(stream, out var arrivals))
            _streams.Add(stream, arrivals = new Arrivals());
        arrivals.Record(number);
        Total++;
    }

    /// <summary>Different messages of a stream that have arrived.</summary>
    public int Received(StreamKey stream) => _streams.TryGetValue(stream, out var arrivals) ? arrivals.Received : 0;

    /// <summary>A row for each stream of which something arrived.</summary>
    public IEnumerable<ReceivedRow> Rows() => _streams.Select(entry => new ReceivedRow(
        entry.Key.Sender,
        entry.Key.Target,
        entry.Key.Channel,
        entry.Key.Mode,
        entry.Value.Received,
        entry.Value.End,
        entry.Value.OutOfOrder,
        entry.Value.Duplicated,
        entry.Value.FirstMissing));
}
