using System.Globalization;
using Peer.Lab.Relay;

namespace Peer.Lab.Compare.Distance;

/// <summary>10 MiB reliable through a fresh connection, from the first put until the application at the other end has all of it.</summary>
internal sealed class TransferWorkload(string name, RelayShape path) : IWorkload
{
    /// <summary>A library that is slower than this is cut off; its rate is that of what has arrived.</summary>
    private const int LimitSeconds = 40;

    private readonly Dictionary<string, ulong> _rounds = [];

    public string Name => name;

    public WorkloadSet Set => WorkloadSet.Slow;

    public Headline Headline { get; } = new("link_share", MoreIsBetter: true);

    public Sample Run(Library library, RunPlan plan, CancellationToken cancel)
    {
        // Chance has another seed in each round, and the same for all libraries.
        var round = _rounds[library.Name] = _rounds.GetValueOrDefault(library.Name) + 1;
        try
        {
            using var run = new RelayedRun(library, "transfer", [string.Create(CultureInfo.InvariantCulture, $"limit={LimitSeconds}")], warmsUp: true, path with { Seed = round * 2 }, cancel);
            run.Wait(plan.WarmUpOf(library));
            var before = run.Mark();
            var end = run.Server.Await("done", TimeSpan.FromSeconds(LimitSeconds + 20), cancel);
            var after = run.Mark();
            var mbit = end["bytes"] * 8e-6 / end["seconds"];
            var figures = new Dictionary<string, double>
            {
                ["mbit_per_second"] = mbit,
                ["link_share"] = mbit * 1e6 / RelayedRun.LinkBitsPerSecond,
                ["seconds"] = end["seconds"],
                ["complete"] = end["complete"],
                ["wire_per_payload"] = ((after.There - before.There).Bytes + (after.Back - before.Back).Bytes) / Math.Max(1, end["bytes"]),
                ["queue_drops"] = (after.There - before.There).Overflowed,
            };
            return new Sample(figures, end["wrong"] > 0 ? "messages out of order, repeated or damaged" : null);
        }
        catch (EndFailedException failure)
        {
            return Sample.Failed(failure.Message);
        }
    }
}
