using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Peer.Actors;
using Peer.Actors.Telemetry;
using Peer.Protocol;
using Peer.TestKit.Network;
using Peer.Tests.Resume;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Telemetry;

public sealed class TelemetryTests(ITestOutputHelper output)
{
    [Fact]
    public void A_room_in_use_is_seen_by_whoever_collects()
    {
        const string App = "telemetry-room";
        using var meters = new Meters(App);
        using var arena = new Arena(output, $"actorpeer.application = {App}\nactorpeer.connection.statistics-interval = 10ms");
        var server = arena.Serve();
        var clients = arena.JoinMany(server, 2);

        Assert.Equal((1, 2), (meters["actorpeer.peers{server}"], meters["actorpeer.peers{client}"]));
        Assert.Equal((2, 0), (meters["actorpeer.connections{server,native}"], meters["actorpeer.connections{server,enet}"]));
        Assert.Equal(2, meters["actorpeer.handshakes{server,opened}"]);
        Assert.True(meters["actorpeer.handshakes{server,hello}"] >= 4);
        Assert.Equal((2, 0), (meters["actorpeer.handshakes{server,welcome}"], meters["actorpeer.handshakes.pending{server}"]));

        clients[0].Say("to all", 0);
        clients[0].Say("to the server", 1);
        server.Say("from the server", 0);
        arena.Until(() => server.Packets.Count == 2 && clients[1].Packets.Count == 2 && clients[0].Packets.Count == 1, "all is heard");
        Assert.Equal((2, 3), (meters["actorpeer.messages{server,receive}"], meters["actorpeer.messages{server,transmit}"]));
        Assert.Equal(1, meters["actorpeer.messages.relayed{server}"]);
        Assert.Equal((3, 2), (meters["actorpeer.messages{client,receive}"], meters["actorpeer.messages{client,transmit}"]));
        arena.Until(() => meters["actorpeer.datagrams{server,transmit}"] > 3 && meters["actorpeer.io{server,receive}"] > 1000 && meters.RoundTrips.Count > 0, "datagrams are counted, round trips measured");
        Assert.All(meters.RoundTrips, seconds => Assert.InRange(seconds, 0.000001, 20));
        arena.Until(() => meters["actorpeer.queue{server}"] == 0, "nothing waits");

        clients[0].End();
        arena.Until(() => meters["actorpeer.connections{server,native}"] == 1, "one has left");
        arena.Until(() => meters["actorpeer.peers{client}"] == 1, "its peer is over");
        arena.Until(() => meters["actorpeer.disconnects{server,closed}"] == 1, "its end is counted");
        Assert.Equal((3, 2), (meters["actorpeer.messages{client,receive}"], meters["actorpeer.messages{client,transmit}"]));

        arena.Until(() => PeerTelemetry.Totals(App).RoundTripMs > 0, "those who are left have measured their round trips, too");
        var totals = PeerTelemetry.Totals(App);
        Assert.Equal((1, 1, 2, 4), (totals.Servers, totals.Others, totals.Connections, totals.Opened));
        Assert.Equal((5, 5), (totals.MessagesIn, totals.MessagesOut));
        Assert.True(totals is { RoundTripMs: > 0, BytesIn: > 0, BytesOut: > 0, DatagramsIn: > 0, DatagramsOut: > 0 } && totals.LongestRoundTripMs >= totals.RoundTripMs);
    }

    [Fact]
    public void Refusals_are_counted_by_their_reason_and_told_as_failed_handshakes()
    {
        const string App = "telemetry-refusal";
        using var meters = new Meters(App);
        using var traces = new Traces(App);
        using var arena = new Arena(output, $"actorpeer.application = {App}\nactorpeer.client.connect-timeout = 60s");
        var server = arena.Serve(new ServerOptions { BindAddress = "127.0.0.1", MaxPeers = 1 });
        arena.Join(server);
        arena.Fail(server.Peer.LocalPort);

        // A HELLO that was on its way when the refusal left is refused as well.
        Assert.InRange(meters["actorpeer.refusals{server,full}"], 1, 9);
        Assert.DoesNotContain("actorpeer.refusals{server,banned}", meters.Names);
        arena.Until(() => meters["actorpeer.refusals{server,full}"] == PeerTelemetry.Totals(App).Refused, "both tell of as many");
        var (opened, refused) = (traces.Of("actorpeer.handshake", "client")[0], traces.Of("actorpeer.handshake", "client")[1]);
        Assert.Null(opened.GetTagItem("reason"));
        Assert.Equal("native", opened.GetTagItem("wire"));
        Assert.Equal("Full", refused.GetTagItem("reason"));
        Assert.True(opened.Duration > TimeSpan.Zero);
        Assert.Single(traces.Of("actorpeer.handshake", "server"));
    }

    [Fact]
    public void Somebody_who_is_away_and_comes_back_is_seen_away_and_back()
    {
        const string App = "telemetry-return";
        using var meters = new Meters(App);
        using var traces = new Traces(App);
        using (var journey = new Journey(3, clients: 2, config: $"actorpeer.application = {App}", weather: new LinkConditions { Latency = TimeSpan.FromMilliseconds(30), Loss = 0.05 }))
        {
            journey.Run(2);
            journey.Cut(0, 13);
            Assert.Equal(1, meters["actorpeer.connections.away{server}"]);
            Assert.Equal(1, meters["actorpeer.interruptions{server}"]);
            journey.Until(() => journey.Server.Told[^1][0] == '=' && journey.Client(0).Told[^1] == "=1", "the client is back");
            journey.Settle();
            Assert.Equal((0, 1), (meters["actorpeer.connections.away{server}"], meters["actorpeer.resumptions{server}"]));
            Assert.Equal(1, meters["actorpeer.resumptions{client}"]);
            Assert.True(meters["actorpeer.datagrams.lost{server}"] > 0, "the path loses one in twenty");
            Assert.Equal(2, meters["actorpeer.connections{server,native}"]);
        }

        Assert.Equal((0, 0), (meters["actorpeer.peers{server}"], meters["actorpeer.connections{server,native}"]));
        Assert.Equal(1, meters["actorpeer.resumptions{server}"]);

        // Ten seconds of silence are noticed, and the rest of the outage is spent away: virtual seconds, as everything in a simulation.
        var back = Assert.Single(traces.Of("actorpeer.resume", "server"));
        Assert.InRange(back.Duration.TotalSeconds, 0.5, 10);
        Assert.True((int)back.GetTagItem("actorpeer.peer")! > 1);
    }

    [Fact]
    public void Every_name_stands_in_the_docs_and_no_other()
    {
        var text = File.ReadAllText(Path.Combine(Root(), "docs", "telemetry.md"));
        var documented = Regex.Matches(text, @"^\| `(actorpeer\.[a-z._]+)` \|", RegexOptions.Multiline).Select(match => match.Groups[1].Value).Order();
        string[] activities = ["actorpeer.handshake", "actorpeer.resume", "actorpeer.handover", "actorpeer.takeover"];
        var named = Catalogue.Levels.Concat(Catalogue.Totals).Select(quantity => quantity.Name).Append("actorpeer.round_trip").Concat(activities).Order();

        Assert.Equal(named, documented);
        foreach (var quantity in Catalogue.Levels.Concat(Catalogue.Totals).Where(quantity => !quantity.IsSparse && quantity.Tag is not null))
            Assert.All(quantity.Series, series => Assert.Contains($"`{series.Value}`", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Managers_that_come_and_go_leave_their_sums_and_nothing_else()
    {
        var group = new BookGroup("app", "server");
        for (var i = 0; i < 1_000; i++)
        {
            var counters = new ManagerCounters { Opened = 2, MessagesIn = 3, Peers = 5 };
            counters.Refused(DisconnectReason.Banned);
            var book = new ManagerBook(new PeerRole.Server(new System.Net.IPEndPoint(0, 0)), "app", counters, new Peer.Actors.Transport.TransportCounters());
            group.Enter(book);
            group.Leave(book);
            group.Leave(book);
        }

        Assert.Equal((2_000, 3_000), (group.Sum(Catalogue.Opened), group.Sum(Catalogue.MessagesIn)));
        Assert.Equal(0, Catalogue.Connections.Series.Sum(group.Sum));
        Assert.Equal(1_000, group.AddTo(new PeerTotals()).Refused);
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
