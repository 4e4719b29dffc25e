using System.Globalization;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.Tests.Resume;

namespace Peer.Tests.Spanning;

/// <summary>A gateway is emptied, or the home goes elsewhere: what clients have said arrives, they come back by their tickets, and nobody hears of a leave.</summary>
public sealed class PartingTests
{
    [Theory]
    [InlineData(31, 0.0)]
    [InlineData(32, 0.1)]
    public void A_gateway_that_is_emptied_hands_on_what_its_clients_have_said_and_they_come_back_by_other_ones(ulong seed, double loss)
    {
        using var journey = new SpanJourney(seed, gateways: 2, clientsEach: 2, loss: loss);
        journey.Run(1);
        journey.Settle();
        var moved = journey.Clients.Skip(2).Take(2).ToArray();
        var ids = journey.Clients.Select(client => client.Id).ToArray();
        Burst(journey, moved);
        var told = Part(journey, 1, new Migrate(EndpointOf(journey, 2)) { Others = [EndpointOf(journey, 0)] });
        journey.Managers[1].Tell(HandOver.Instance, told.Usher);
        journey.Until(() => moved.All(client => client.Told.Contains("!1")), "they are back");
        journey.Until(() => told.News.Contains(Stopped.Instance) && journey.Heard.OfType<PeerRestarted>().Count() == 2, "the gateway has ended, and the home knows who is back");

        // One went to the other gateway, one to the home.
        Assert.Equal("home 3, gateway 3", $"home {PeersAt(journey, 0)}, gateway {PeersAt(journey, 2)}");
        Assert.Equal(moved.Select(client => client.Id).Order(), journey.Heard.OfType<PeerInterrupted>().Select(away => away.Peer).Order());
        Assert.Equal(moved.Select(client => client.Id).Order(), journey.Heard.OfType<PeerRestarted>().Select(back => back.Peer).Order());
        AllAreThere(journey, ids, hasHeardAll: loss == 0);
    }

    [Theory]
    [InlineData(33, 0.0)]
    [InlineData(34, 0.1)]
    public void A_home_that_goes_elsewhere_has_its_gateways_hand_on_what_was_said_and_all_come_back_at_the_new_one(ulong seed, double loss)
    {
        using var journey = new SpanJourney(seed, gateways: 2, clientsEach: 1, loss: loss);
        journey.Run(1);
        journey.Settle();
        var ids = journey.Clients.Select(client => client.Id).ToArray();
        Burst(journey, journey.Clients);
        var home = journey.StartHome(3);
        for (var i = 2; i >= 0; i--)
        {
            var told = Part(journey, i, new Migrate(EndpointOf(journey, 3 + i)));
            if (i == 0)
                journey.Managers[0].Tell(new HandOver { AwaitsLastWord = true }, told.Usher);
            else
                journey.StartGateway(3 + i, home);
        }

        journey.Until(() => journey.Clients.All(client => client.Told.Contains("!1")), "all are back");
        AllAreThere(journey, ids, hasHeardAll: loss == 0);
    }

    [Fact]
    public void A_home_without_peers_at_gateways_is_handed_over_whole()
    {
        using var journey = new SpanJourney(35, gateways: 0, clientsEach: 2);
        journey.Run(1);
        var news = new List<object>();
        journey.Managers[0].Tell(HandOver.Instance, journey.Simulation.Host("usher").ActorOf(Props.Create(() => new Usher(news, null))));
        journey.Until(() => news.Count > 0, "it is written down");
        var handed = Assert.IsType<HandedOver>(news[0]);
        Assert.Equal("", handed.Cause);
        Assert.True(handed.State.Length > 100);
    }

    [Fact]
    public void A_gateway_that_does_not_part_in_time_is_not_waited_for()
    {
        using var journey = new SpanJourney(36, gateways: 1, clientsEach: 1);
        journey.Run(1);
        journey.Settle();
        var news = new List<object>();
        journey.Simulation.Host("node1").Freeze();
        journey.Managers[0].Tell(HandOver.Instance, journey.Simulation.Host("usher").ActorOf(Props.Create(() => new Usher(news, null))));
        journey.Until(() => news.OfType<HandedOver>().Any(), "the home is handed over");
        Assert.Equal(0, news.OfType<HandedOver>().Single().State.Length);
    }

    private static (IActorRef Usher, List<object> News) Part(SpanJourney journey, int node, Migrate where)
    {
        var news = new List<object>();
        var usher = journey.Simulation.Host($"node{node}").ActorOf(Props.Create(() => new Usher(news, where)));
        journey.Managers[node].Tell(new Subscribe(usher) { Packets = false });
        return (usher, news);
    }

    private static string EndpointOf(SpanJourney journey, int node) => $"{journey.Simulation.Host($"node{node}").Address}:{Traveller.Port}";

    /// <summary>Much is under way when it begins.</summary>
    private static void Burst(SpanJourney journey, IEnumerable<Traveller> clients)
    {
        foreach (var client in clients)
        {
            for (var i = 0; i < 30; i++)
                Assert.Equal(Error.Ok, client.Say(6));
        }

        journey.Run(0.04);
    }

    private static void AllAreThere(SpanJourney journey, int[] ids, bool hasHeardAll)
    {
        foreach (var client in journey.Clients)
            client.TalkOn(8, 20);
        journey.Until(() => journey.Clients.All(one => journey.Clients.All(other => one == other || one.Heard(other.Id, 8) == 20)), "all hear each other");
        journey.Until(() => journey.Clients.All(client => journey.Memory.Heard.GetValueOrDefault((client.Id, 8)) == 20), "the room hears all");
        Assert.Equal(ids, journey.Clients.Select(client => client.Id));
        if (hasHeardAll)
        {
            // With losses, what came before its turn is gone, though it was acknowledged.
            journey.Until(() => journey.Clients.All(client => journey.Memory.Heard.GetValueOrDefault((client.Id, 6)) == client.Said(6)), "the room hears what was said before");
            Assert.All(journey.Clients, client => Assert.InRange(Missing(journey, client), 0, client.Unacknowledged));
        }

        Assert.All(journey.Clients, client => Assert.DoesNotContain(client.Told, told => told[0] == '-'));
        Assert.DoesNotContain(journey.Memory.Told, told => told[0] == '-');
        Assert.Empty(journey.Simulation.Errors);
        Assert.DoesNotContain(journey.Clients.SelectMany(client => client.Complaints), complaint => !complaint.Contains(" on 6,", StringComparison.Ordinal));
    }

    /// <summary>Numbers that the room did not get.</summary>
    private static int Missing(SpanJourney journey, Traveller client)
    {
        var missing = 0;
        foreach (var complaint in journey.Memory.Complaints)
        {
            // "the room got 8 of 77 on 6, not 1"
            var words = complaint.Split(' ', ',');
            Assert.Equal("6", words[7]);
            if (words[5] == $"{client.Id}")
                missing += int.Parse(words[3], CultureInfo.InvariantCulture) - int.Parse(words[^1], CultureInfo.InvariantCulture);
        }

        return missing;
    }

    private static int PeersAt(SpanJourney journey, int node)
    {
        var answer = journey.Managers[node].Ask<PeerCounters>(GetCounters.Instance);
        journey.Run(0.1);
        return answer.Result.Peers;
    }

    /// <summary>Whoever runs a server: says when to write down, and where its clients go.</summary>
    private sealed class Usher(List<object> news, Migrate? where) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            news.Add(message);
            if (message is LastPacketTold)
                Sender.Tell(WriteDown.Instance);
            if (message is HandedOver && where is not null)
                Sender.Tell(where);
        }
    }
}
