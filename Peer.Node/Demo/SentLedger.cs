namespace Peer.Node.Demo;

/// <summary>How many messages one process has put into each of its streams.</summary>
internal sealed class SentLedger
{
    private readonly Dictionary<StreamKey, int> _counts = [];

    /// <summary>Messages put, all streams together.</summary>
    public long Total { get; private set; }

    /// <summary>The number that the next message of a stream carries; it is the same until <see cref="Record"/>.</summary>
    public int NextNumber(StreamKey stream) => _counts.GetValueOrDefault(stream);

    /// <summary>The message with the next number has been accepted.</summary>
    public void Record(StreamKey stream)
    {
        _counts[stream] = NextNumber(stream) + 1;
        Total++;
    }

    /// <summary>A row for each stream that was used.</summary>
    public IEnumerable<SentRow> Rows() => _counts.Select(entry => new SentRow(entry.Key.Target, entry.Key.Channel, entry.Key.Mode, entry.Value));
}
