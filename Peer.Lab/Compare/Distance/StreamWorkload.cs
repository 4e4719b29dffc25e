using System.Globalization;
using Peer.Lab.Relay;

namespace Peer.Lab.Compare.Distance;

/// <summary>A thin reliable stream: how old its messages are when the application gets them, and what they cost on the wire, both ways.</summary>
/// <param name="name">The whole name.</param>
/// <param name="path">What the relay does.</param>
/// <param name="clients">Connections that each have such a stream: so many messages come together sooner.</param>
/// <param name="window">Counted.</param>
/// <param name="settings">What both ends are told.</param>
internal sealed class StreamWorkload(string name, RelayShape path, int clients, TimeSpan window, params string[] settings) : IWorkload
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    private ulong _seed;

    public string Name => name;

    public WorkloadSet Set => WorkloadSet.Slow;

    public Headline Headline { get; } = new(Figure.P99, MoreIsBetter: false);

    public Sample Run(Library library, RunPlan plan, CancellationToken cancel)
    {
        try
        {
            using var run = new RelayedRun(
                library, "stream", [.. settings, string.Create(CultureInfo.InvariantCulture, $"clients={clients}"), "litenet=threads"], warmsUp: false, path with { Seed = ++_seed * 2 }, cancel);
            run.Wait(WarmUp);
            var opened = run.Mark();
            run.Wait(window);
            var closed = run.Mark();
            run.Client.Say("stop");
            var sent = run.Client.Await("done", TimeSpan.FromSeconds(10), cancel)["sent"];
            run.Server.Say(string.Create(CultureInfo.InvariantCulture, $"stop {sent:0}"));
            var got = run.Server.Await("done", TimeSpan.FromSeconds(30), cancel);
            return Judge(opened, closed, sent, got);
        }
        catch (EndFailedException failure)
        {
            return Sample.Failed(failure.Message);
        }
    }

    private static Sample Judge(RelayedMark opened, RelayedMark closed, double sent, IReadOnlyDictionary<string, double> got)
    {
        var (there, back) = (closed.There - opened.There, closed.Back - opened.Back);
        var messages = Math.Max(1, closed.Messages - opened.Messages);
        var figures = new Dictionary<string, double>(got)
        {
            ["bytes_per_message"] = (there.Bytes + back.Bytes) / messages,
            ["bytes_per_message_with_ip"] = (there.BytesWithHeaders + back.BytesWithHeaders) / messages,
            ["datagrams_per_message"] = (there.Datagrams + back.Datagrams) / messages,
        };
        if (got["received"] != sent)
            return new Sample(figures, string.Create(CultureInfo.InvariantCulture, $"{got["received"]:0} of {sent:0} messages arrived"));
        return new Sample(figures, got["wrong"] > 0 ? "messages out of order or repeated" : null);
    }
}
