namespace Peer.Lab.Soak;

/// <summary>
/// What both ends of each stream say, side by side. It is the judge's own and knows nothing of the library: each end counts what it was told to send or was given, and tells of anything that came twice or out
/// of turn by itself.
/// </summary>
internal sealed class SoakLedger
{
    private readonly Dictionary<ulong, SoakLine.Entry> _sent = [];
    private readonly Dictionary<ulong, SoakLine.Entry> _received = [];

    /// <summary>Streams of which both ends have been heard.</summary>
    public int Streams => _sent.Keys.Count(_received.ContainsKey);

    /// <summary>Of these, those that were whole at both ends: to the end of the soak, or to a good-bye.</summary>
    public int Survivors => Pairs.Count(pair => Whole(pair.Sent, pair.Received));

    /// <summary>Messages of the survivors that were sent.</summary>
    public long SurvivorsSent => Pairs.Where(pair => Whole(pair.Sent, pair.Received)).Sum(pair => pair.Sent.Count);

    /// <summary>Messages of the survivors that have not arrived.</summary>
    public long Missing => Pairs.Where(pair => Whole(pair.Sent, pair.Received)).Sum(pair => Math.Max(0, pair.Sent.Count - pair.Received.Count))
        + _sent.Values.Where(sent => sent.State == StreamState.Open && !_received.ContainsKey(sent.Stream)).Sum(sent => sent.Count);

    /// <summary>Streams of which more has arrived than was sent.</summary>
    public IEnumerable<string> Impossible => Pairs.Where(pair => pair.Received.Count > pair.Sent.Count).Select(pair => $"of stream {pair.Sent.Stream} {pair.Received.Count} arrived and {pair.Sent.Count} were sent");

    private IEnumerable<(SoakLine.Entry Sent, SoakLine.Entry Received)> Pairs => _sent.Values.Where(sent => _received.ContainsKey(sent.Stream)).Select(sent => (sent, _received[sent.Stream]));

    public void Enter(SoakLine.Entry entry) => (entry.IsSender ? _sent : _received)[entry.Stream] = entry;

    private static bool Whole(SoakLine.Entry sent, SoakLine.Entry received) => sent.State == received.State && sent.State != StreamState.Severed;
}
