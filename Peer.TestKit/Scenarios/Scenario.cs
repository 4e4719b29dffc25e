using System.Globalization;
using System.Text;
using Peer.TestKit.Network;

namespace Peer.TestKit.Scenarios;

/// <summary>A whole run written down: who takes part over which links, what is sent, and what goes wrong when. Playing it twice gives the same trace.</summary>
public sealed record Scenario
{
    /// <summary>The seed that it was drawn from; everything random during the run follows from it too.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Virtual time that the run takes.</summary>
    public required TimeSpan Length { get; init; }

    /// <summary>Who connects to whom.</summary>
    public required Topology Topology { get; init; }

    /// <summary>Whether the server relays between clients.</summary>
    public bool Relay { get; init; } = true;

    /// <summary>How long a client that fell silent may come back and go on; nothing: its time-out is its end.</summary>
    public TimeSpan Grace { get; init; }

    /// <summary>Those who take part; the first of a star is the server.</summary>
    public required IReadOnlyList<PeerPlan> Peers { get; init; }

    /// <summary>What goes wrong, in time order. All of it is over at <see cref="FaultsEnd"/>.</summary>
    public required IReadOnlyList<Fault> Faults { get; init; }

    /// <summary>From here on nothing goes wrong any more.</summary>
    public required TimeSpan FaultsEnd { get; init; }

    /// <summary>From here on nobody sends any more: what is on its way may arrive.</summary>
    public required TimeSpan TrafficEnd { get; init; }

    /// <summary>Draws a scenario: 3 to 16 peers, links, workload, comings and goings, faults.</summary>
    /// <param name="seed">All of it follows from this.</param>
    /// <param name="length">Virtual time, 40 seconds or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is below 40 seconds.</exception>
    public static Scenario Draw(ulong seed, TimeSpan length) => new ScenarioArtist(seed, length).Draw();

    /// <summary>The scenario as text for people, several lines.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"seed {Seed}, {Length.TotalSeconds:0} s, {Topology} of {Peers.Count}{(Relay ? "" : ", no relay")}{(Grace == TimeSpan.Zero ? "" : $", {Grace.TotalSeconds:0} s of grace")}; faults end at {FaultsEnd.TotalSeconds:0} s, traffic at {TrafficEnd.TotalSeconds:0} s\n");
        foreach (var peer in Peers)
            text.Append(CultureInfo.InvariantCulture, $"  {peer}\n");
        foreach (var fault in Faults)
            text.Append(CultureInfo.InvariantCulture, $"  {fault}\n");
        return text.ToString();
    }
}

/// <summary>Who connects to whom.</summary>
public enum Topology
{
    /// <summary>Clients and one server.</summary>
    Star,

    /// <summary>Everybody to everybody.</summary>
    Mesh,
}

/// <summary>One who takes part.</summary>
public sealed record PeerPlan
{
    /// <summary>Its name, which is its host's too.</summary>
    public required string Name { get; init; }

    /// <summary>When it first starts.</summary>
    public TimeSpan JoinsAt { get; init; }

    /// <summary>Whether it is a client that speaks ENet; its server has a second port then.</summary>
    public bool ENet { get; init; }

    /// <summary>How often its application polls.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>The way from it: to the server, or to every other mesh peer.</summary>
    public LinkConditions Up { get; init; } = LinkConditions.Lan;

    /// <summary>The way to it, from the server; not used in a mesh.</summary>
    public LinkConditions Down { get; init; } = LinkConditions.Lan;

    /// <summary>What it sends.</summary>
    public IReadOnlyList<Flow> Flows { get; init; } = [];

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}{(ENet ? " (ENet)" : "")} joins at {JoinsAt.TotalSeconds:0.0} s, polls every {PollEvery.TotalMilliseconds:0} ms, up {{{Text(Up)}}}, down {{{Text(Down)}}}, {string.Join("; ", Flows)}");

    private static string Text(LinkConditions c) => string.Create(
        CultureInfo.InvariantCulture,
        $"{c.Latency.TotalMilliseconds:0.#}+{c.Jitter.TotalMilliseconds:0.#} ms, loss {c.Loss:0.###}, bursts {c.BurstBegins:0.####}/{c.BurstEnds:0.##}, twice {c.Duplication:0.###}, late {c.Reordering:0.###}, damaged {c.Corruption:0.###}, {c.Bandwidth} B/s, mtu {c.Mtu}");
}
