using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>What was sent against what was received, over all processes.</summary>
internal sealed class LedgerComparison
{
    private readonly Dictionary<TransferMode, ModeTotals> _modes = ModeName.All.ToDictionary(mode => mode, _ => default(ModeTotals));
    private readonly List<string> _violations = [];

    private LedgerComparison()
    {
    }

    public IReadOnlyDictionary<TransferMode, ModeTotals> Modes => _modes;

    /// <summary>Each broken promise: stream, receiver, how much, and where it begins.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Compares. A process without a ledger counts as having received nothing, in one line.</summary>
    public static LedgerComparison Compare(IReadOnlyCollection<int> participants, IReadOnlyCollection<PeerLedger> ledgers)
    {
        var comparison = new LedgerComparison();
        var received = ledgers.ToDictionary(ledger => ledger.Id, ledger => ledger.Received.ToDictionary(row => row.Stream));
        var untold = new SortedDictionary<int, long>();
        foreach (var sender in ledgers)
        {
            foreach (var sent in sender.Sent)
            {
                var stream = new StreamKey(sender.Id, sent.Target, sent.Channel, sent.Mode);
                foreach (var receiver in participants.Where(stream.Reaches))
                {
                    if (!received.TryGetValue(receiver, out var rows))
                    {
                        comparison._modes[stream.Mode] += new ModeTotals(sent.Count, 0, sent.Count, 0, 0);
                        untold[receiver] = untold.GetValueOrDefault(receiver) + sent.Count;
                        continue;
                    }

                    rows.Remove(stream, out var row);
                    comparison.Add(stream, receiver, sent.Count, row);
                }
            }
        }

        foreach (var (receiver, count) in untold)
            comparison._violations.Add($"{receiver} did not tell what it received of {count} messages");
        foreach (var (receiver, rows) in received)
        {
            // What a sender without a ledger sent is not known.
            foreach (var row in rows.Values.Where(row => received.ContainsKey(row.Sender) || !participants.Contains(row.Sender)))
                comparison._violations.Add($"{row.Stream} at {receiver}: {row.Received} received that nobody sent there");
        }

        return comparison;
    }

    private void Add(StreamKey stream, int receiver, int sent, ReceivedRow? row)
    {
        var totals = row is null
            ? new ModeTotals(sent, 0, sent, 0, 0)
            : new ModeTotals(sent, row.Received, Math.Max(0, sent - row.Received), row.OutOfOrder, row.Duplicated);
        _modes[stream.Mode] += totals;
        if (row?.End > sent)
            _violations.Add($"{stream} at {receiver}: number {row.End - 1} received, though only {sent} were sent");
        if (totals.Keeps(stream.Mode))
            return;
        var faults = new List<string>();
        if (totals.Missing > 0 && stream.Mode == TransferMode.Reliable)
            faults.Add($"{totals.Missing} of {sent} missing, the first is number {row?.FirstMissing ?? 0}");
        if (totals.OutOfOrder > 0 && stream.Mode != TransferMode.Unreliable)
            faults.Add($"{totals.OutOfOrder} out of order");
        if (totals.Duplicated > 0)
            faults.Add($"{totals.Duplicated} duplicated");
        _violations.Add($"{stream} at {receiver}: {string.Join(", ", faults)}");
    }
}
