using System.Globalization;
using Peer.Protocol;
using Peer.TestKit.Network;
using Peer.TestKit.Scenarios;

namespace Peer.Lab.Drawing;

/// <summary>Turns what a run wrote down into a picture.</summary>
internal static class TimelinePicture
{
    public static Picture Of(ScenarioResult result)
    {
        var scenario = result.Scenario;
        var names = scenario.Peers.Select(peer => peer.Name).Union(result.Timeline.Hosts).ToList();
        var lanes = names.Select((name, lane) => (name, lane)).ToDictionary(pair => pair.name, pair => pair.lane);
        var picture = new Picture(Title(result), Subtitle(result), names)
        {
            Begin = result.Timeline is { Dropped: > 0, Entries: [var first, ..] } ? Micros(first.At) : 0,
            End = Math.Max(1, Micros(result.VirtualTime)),
        };
        foreach (var entry in result.Timeline.Entries)
            Add(picture, entry, lanes);
        foreach (var fault in scenario.Faults.Where(fault => fault.At <= result.VirtualTime))
            picture.Faults.Add(Band(fault, lanes));
        if (result.Violation is { } violation)
            picture.Notes.Add(new NoteLine(Micros(violation.At), $"broken: {violation.Law}"));
        return picture;
    }

    private static void Add(Picture picture, TimelineEntry entry, Dictionary<string, int> lanes)
    {
        if (!lanes.TryGetValue(entry.From, out var from))
            return;
        var at = Micros(entry.At);
        var hasTo = lanes.TryGetValue(entry.To, out var to);
        switch (entry.Kind)
        {
            case TimelineKind.DatagramSent when hasTo:
                picture.Flights.Add(new Flight(from, to, at, Micros(entry.Arrives ?? entry.At)));
                break;

            case TimelineKind.DatagramLost when hasTo:
                picture.Flights.Add(new Flight(from, to, at, at, ReasonIn(entry.What)));
                break;

            case TimelineKind.PacketPut:
                picture.Packets.Add(new PacketDot(from, at, Delivered: false, ModeIn(entry.What)));
                break;

            case TimelineKind.PacketDelivered:
                picture.Packets.Add(new PacketDot(hasTo ? to : from, at, Delivered: true, ModeIn(entry.What)));
                break;

            case TimelineKind.Signal:
                if (SignalText.Read(entry) is var (connected, who, why))
                    picture.Signals.Add(new SignalMark(from, at, connected, who, why));
                break;
        }
    }

    private static FaultBand Band(Fault fault, Dictionary<string, int> lanes)
    {
        var ends = new List<int>();
        foreach (var name in (string?[])[fault.Host, fault.Other])
        {
            if (name is not null && lanes.TryGetValue(name, out var lane))
                ends.Add(lane);
        }

        var label = $"{Words(fault.Kind)} {fault.Host}{(fault.Other is null ? "" : $"–{fault.Other}")}{Severity(fault)}";
        return new FaultBand(ShadeOf(fault.Kind), label, Micros(fault.At), Micros(fault.End), ends);
    }

    private static FaultShade ShadeOf(FaultKind kind) => kind switch
    {
        FaultKind.Partition or FaultKind.DeafPartition or FaultKind.MutePartition => FaultShade.Partition,
        FaultKind.LossStorm or FaultKind.MtuDrop or FaultKind.SlowDown => FaultShade.Link,
        FaultKind.Freeze or FaultKind.Stall => FaultShade.Freeze,
        FaultKind.Crash => FaultShade.Crash,
        _ => FaultShade.Leave,
    };

    private static string Words(FaultKind kind) => kind switch
    {
        FaultKind.LossStorm => "loss",
        FaultKind.DeafPartition => "partition out of",
        FaultKind.MutePartition => "partition into",
        FaultKind.MtuDrop => "MTU",
        FaultKind.SlowDown => "slow",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private static string Severity(Fault fault) => fault.Kind switch
    {
        FaultKind.LossStorm => string.Create(CultureInfo.InvariantCulture, $" {fault.Severity * 100:0} %"),
        FaultKind.MtuDrop => string.Create(CultureInfo.InvariantCulture, $" {fault.Severity:0} B"),
        FaultKind.SlowDown => string.Create(CultureInfo.InvariantCulture, $" {fault.Severity / 1000:0.#} kB/s"),
        _ => "",
    };

    // The text is a size and a fate.
    private static string ReasonIn(string what) => what.Split(' ')[^1] switch
    {
        nameof(Fate.Queue) => "queue full",
        nameof(Fate.TooLarge) => "too large",
        nameof(Fate.Down) => "link down",
        nameof(Fate.Nobody) => "nobody there",
        var other => other.ToLowerInvariant(),
    };

    private static TransferMode ModeIn(string what) =>
        what.Contains(nameof(TransferMode.UnreliableOrdered), StringComparison.Ordinal) ? TransferMode.UnreliableOrdered
        : what.Contains(nameof(TransferMode.Unreliable), StringComparison.Ordinal) ? TransferMode.Unreliable
        : TransferMode.Reliable;

    private static string Title(ScenarioResult result)
    {
        var verdict = result.Violation is { } violation ? $"broke '{violation.Law}'" : "no law broken";
        return $"Seed {result.Scenario.Seed}, hash {result.TraceHash:x16}: {verdict}";
    }

    private static string Subtitle(ScenarioResult result)
    {
        var scenario = result.Scenario;
        var dropped = result.Timeline.Dropped > 0 ? string.Create(CultureInfo.InvariantCulture, $"; the first {result.Timeline.Dropped} entries were not kept") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{scenario.Topology} of {scenario.Peers.Count}{(scenario.Relay ? "" : ", no relay")}; {result.VirtualTime.TotalSeconds:0.###} s, {result.Datagrams} datagrams, {result.Delivered} packets delivered{dropped}");
    }

    private static long Micros(TimeSpan time) => time.Ticks / TimeSpan.TicksPerMicrosecond;
}
