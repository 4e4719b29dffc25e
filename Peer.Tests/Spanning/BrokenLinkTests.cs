using System.Buffers.Binary;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.Tests.Resume;

namespace Peer.Tests.Spanning;

/// <summary>Links that do not keep up are given up, and everybody meets again.</summary>
public sealed class BrokenLinkTests
{
    /// <summary>More than a link of these tests can take.</summary>
    private const int TooMuch = 1_200_000;

    private const string Narrow = "actorpeer.span { window = 1MiB, queue = 1MiB }";

    [Theory]
    [InlineData(15, 0.5)]
    [InlineData(16, 1.5)]
    [InlineData(17, 4)]
    public void A_link_that_does_not_keep_up_is_given_up_and_made_anew_and_the_others_go_on(ulong seed, double frozen)
    {
        using var journey = Begin(seed);
        var (here, slow, from) = (journey.Clients[0], journey.Clients[1], journey.Clients[2]);
        var (id, before) = (slow.Id, here.Told.Count);
        journey.Simulation.Host("node1").Freeze();
        for (var i = 0; i < 40; i++)
            Put(from, id, 30, 60_000, i);
        journey.Until(() => from.Told[^1] == $"-{id} QueueOverflow", "the link is given up");
        journey.Run(frozen);
        journey.Simulation.Host("node1").Thaw();
        Meet(journey, from, slow, times: 1);
        Assert.Equal(before, here.Told.Count);
        Assert.Equal(1, LinksBroken(journey, 1));
        Assert.Equal(1, LinksBroken(journey, 2));
    }

    [Fact]
    public void A_link_that_both_ends_give_up_at_once_is_made_anew()
    {
        using var journey = Begin(18);
        var (slow, from) = (journey.Clients[1], journey.Clients[2]);
        Put(from, slow.Id, 30, TooMuch, 0);
        Put(slow, from.Id, 30, TooMuch, 0);
        Meet(journey, from, slow, times: 1);
    }

    [Theory]
    [InlineData(19, 1, 2)]
    [InlineData(20, 2, 1)]
    public void Whoever_hears_late_of_a_link_that_breaks_again_and_again_hears_every_leave_and_every_join(ulong seed, int reader, int writer)
    {
        using var journey = Begin(seed);
        var (slow, from) = (journey.Clients[reader], journey.Clients[writer]);
        journey.Simulation.Network.Set(
            journey.Simulation.Host($"node{reader}"), slow.Host, journey.Simulation.Network.Default with { Bandwidth = 150_000 });
        var number = 0;
        for (var time = 1; time <= 3; time++)
        {
            // The marks of the leave wait behind this.
            for (var i = 0; i < 10; i++)
                Put(from, slow.Id, 30, 60_000, number++);
            journey.Run(0.5);
            Put(from, slow.Id, 31, TooMuch, 0);
            journey.Until(() => from.Told.Count(told => told == $"-{slow.Id} QueueOverflow") == time, "the link is given up");
            journey.Until(() => from.Told[^1] == $"+{slow.Id}", "it is made anew");
        }

        Assert.True(slow.Told.Count(told => told == $"-{from.Id} QueueOverflow") < 3, "the slow one is behind");
        Meet(journey, from, slow, times: 3);
    }

    [Theory]
    [InlineData(21, true)]
    [InlineData(22, false)]
    public void A_gateway_that_loses_its_home_is_lost_itself_and_its_peers_come_back_by_another_one(ulong seed, bool isGivenUpByHome)
    {
        using var journey = Begin(seed);
        var lost = journey.Clients[1];
        var id = lost.Id;
        Put(isGivenUpByHome ? journey.Clients[0] : lost, isGivenUpByHome ? id : 1, 30, TooMuch, 0);
        journey.Until(() => journey.Heard.OfType<PeerInterrupted>().Any(), "the home hears that a peer is away");
        journey.StartGateway(1);
        journey.Until(() => lost.Told.Contains("!1"), "it is back");
        journey.Until(() => journey.Heard.OfType<PeerRestarted>().Any(), "the home hears so");
        Assert.Equal(id, lost.Id);
        Talk(journey);
        Assert.All(journey.Clients, client => Assert.DoesNotContain(client.Told, told => told[0] == '-'));
        Assert.DoesNotContain(journey.Memory.Told, told => told[0] == '-');
        Assert.Equal(1, LinksBroken(journey, 0));
    }

    private static SpanJourney Begin(ulong seed)
    {
        var journey = new SpanJourney(seed, gateways: 2, clientsEach: 1, config: Narrow);
        journey.Run(1);
        journey.Settle();
        return journey;
    }

    /// <summary>Both have heard that the other one left and is back, as often as it happened, and so has everybody else who is concerned; then all talk.</summary>
    private static void Meet(SpanJourney journey, Traveller one, Traveller other, int times)
    {
        var expected = Enumerable.Range(0, times + 1).SelectMany(time => time == 0 ? [(char?)'+'] : new char?[] { '-', '+' }).ToArray();
        journey.Until(() => Signs(one, other.Id).SequenceEqual(expected) && Signs(other, one.Id).SequenceEqual(expected), "they meet again");
        Talk(journey);
        Assert.Equal(expected, Signs(one, other.Id));
        Assert.Equal(expected, Signs(other, one.Id));
    }

    private static IEnumerable<char?> Signs(Traveller client, int peer) =>
        client.Told.Where(told => told[1..].Split(' ')[0] == $"{peer}").Select(told => (char?)told[0]);

    private static void Talk(SpanJourney journey)
    {
        foreach (var client in journey.Clients)
            client.TalkOn(8, 20);
        journey.Until(() => journey.Clients.All(one => journey.Clients.All(other => one == other || one.Heard(other.Id, 8) == 20)), "all hear each other");
        journey.Until(() => journey.Clients.All(client => journey.Memory.Heard.GetValueOrDefault((client.Id, 8)) == 20), "the room hears all");
        Assert.Empty(journey.Simulation.Errors);
        Assert.All(journey.Clients, client => Assert.DoesNotContain(client.Complaints, complaint => complaint.Contains(" on 8,", StringComparison.Ordinal)));
    }

    private static void Put(Traveller from, int target, int channel, int bytes, int number)
    {
        var payload = new byte[bytes];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        from.Peer.SetTargetPeer(target);
        from.Peer.TransferChannel = channel;
        from.Peer.TransferMode = TransferMode.Reliable;
        Assert.Equal(Error.Ok, from.Peer.PutPacket(payload));
    }

    private static long LinksBroken(SpanJourney journey, int node)
    {
        var answer = journey.Managers[node].Ask<PeerCounters>(GetCounters.Instance);
        journey.Run(0.1);
        return answer.Result.LinksBroken;
    }
}
