using System.Globalization;
using Peer.Lab.Compare.Distance;

namespace Peer.Lab.Compare;

/// <summary>Every workload there is, in the order of the table.</summary>
internal static class WorkloadCatalog
{
    /// <summary>Of what is broadcast, at thirty hertz, so much has to be sent and has to arrive.</summary>
    private const double FanoutHertz = 30;
    private const double EnoughOfIt = 0.95;

    private static readonly string[] Quick = ["oneway-reliable-32", "oneway-reliable-1000", "rtt-1khz", "rtt-backtoback"];
    private static readonly string[] Targets = ["oneway-unreliable-32", "echo-500x10", "fanout-1000"];

    public static IReadOnlyList<IWorkload> All { get; } =
    [
        .. from mode in (string[])["reliable", "ordered", "unreliable"] from size in (int[])[32, 200, 1000] select OneWay(mode, size),
        .. from clients in (int[])[1, 50, 500] from flight in (int[])[1, 10] select Echo(clients, flight),
        RoundTrip("rtt-1khz", "hertz=1000"),

        // Neither end may spin, not even for the twenty microseconds that this library's Poll does by default.
        RoundTrip("rtt-backtoback", "spin=0"),
        .. from clients in (int[])[64, 500, 1000] select Fanout(clients),
        Idle(1000),
        Idle(10_000),
        Connect(),
        .. DistanceCatalog.All,
    ];

    private static WorkloadSet SetOf(string name) => Quick.Contains(name) ? WorkloadSet.Quick : Targets.Contains(name) ? WorkloadSet.Target : WorkloadSet.Other;

    private static PairWorkload OneWay(string mode, int size)
    {
        var name = Text($"oneway-{mode}-{size}");
        return new PairWorkload(name, "oneway", $"mode={mode}", Text($"size={size}"), "litenet=manual")
        {
            Set = SetOf(name),
            CountedBy = Counting.Server,
            Judge = (outcome, _) =>
            {
                var (sent, received, wrong) = (outcome.Client.Done["sent"], outcome.Server.Done["received"], outcome.Server.Done["wrong"]);
                if (wrong > 0)
                    return Text($"{wrong:0} messages out of order, repeated or damaged");
                return mode == "reliable" && received != sent ? Text($"{received:0} of {sent:0} reliable messages arrived") : null;
            },
        };
    }

    private static PairWorkload Echo(int clients, int flight)
    {
        var name = Text($"echo-{clients}x{flight}");
        return new PairWorkload(name, "echo", Text($"clients={clients}"), Text($"flight={flight}"), "litenet=manual")
        {
            Set = SetOf(name),
            Judge = (outcome, _) => outcome.Client.Done["lost"] + outcome.Server.Done["lost"] is > 0 and var lost ? Text($"{lost:0} echoes were refused") : null,
        };
    }

    private static PairWorkload RoundTrip(string name, string setting) => new(name, "rtt", setting)
    {
        Set = SetOf(name),
        Headline = new Headline(Figure.P50, MoreIsBetter: false),
        Judge = static (outcome, figures) =>
        {
            foreach (var (figure, value) in outcome.Client.Done)
                figures[figure] = value;
            return outcome.Client.Done["samples"] < 100 ? "fewer than 100 round trips" : null;
        },
    };

    private static PairWorkload Fanout(int clients)
    {
        var name = Text($"fanout-{clients}");
        return new PairWorkload(name, "fanout", Text($"clients={clients}"), "mode=ordered", "size=200")
        {
            Set = SetOf(name),
            Headline = new Headline(Figure.CpuPerMessage, MoreIsBetter: false),
            LeastWindow = TimeSpan.FromSeconds(2),
            Judge = (outcome, _) =>
            {
                var hertz = outcome.Server.PerSecond("messages");
                if (hertz < FanoutHertz * EnoughOfIt)
                    return Text($"the server managed {hertz:0.0} broadcasts a second");

                // A window's edge may fall between a broadcast and its arrival.
                var (sent, arrived) = (outcome.Server.Difference("messages") * clients, outcome.Client.Difference("messages"));
                return arrived + clients < sent * EnoughOfIt ? Text($"{arrived:0} of {sent:0} messages arrived") : null;
            },
        };
    }

    private static PairWorkload Idle(int clients) => new(Text($"idle-{clients}"), "idle", Text($"clients={clients}"))
    {
        Set = clients > 1000 ? WorkloadSet.Slow : WorkloadSet.Other,
        CountedBy = Counting.Nobody,
        Headline = new Headline("rss_bytes_per_connection", MoreIsBetter: false),
        Judge = (outcome, figures) =>
        {
            foreach (var (end, window) in new[] { ("client", outcome.Client), ("server", outcome.Server) })
            {
                figures[$"{end}_core_percent"] = window.PerSecond("cpu") * 100;
                figures[$"{end}_rss_bytes_per_connection"] = window.Closed["rss"] / clients;
                if (window.Has("heap"))
                    figures[$"{end}_heap_bytes_per_connection"] = window.Closed["heap"] / clients;
            }

            figures["core_percent"] = figures["client_core_percent"] + figures["server_core_percent"];
            figures["rss_bytes_per_connection"] = figures["client_rss_bytes_per_connection"] + figures["server_rss_bytes_per_connection"];
            var (here, there) = (outcome.Client.Done["connected"], outcome.Server.Done["connected"]);
            return here < clients || there < clients ? Text($"of {clients} connections {here:0} and {there:0} were left at the end") : null;
        },
    };

    private static PairWorkload Connect() => new("connect", "connect", "clients=100", "batch=100")
    {
        Headline = new Headline("connections_per_second", MoreIsBetter: true),
        Judge = static (outcome, figures) =>
        {
            // A window ends within a batch: time and clients of whole batches only.
            figures["connections_per_second"] = outcome.Client.Difference("connected") / outcome.Client.Difference("coming");
            figures.Remove(Figure.MessagesPerSecond);
            return null;
        },
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
