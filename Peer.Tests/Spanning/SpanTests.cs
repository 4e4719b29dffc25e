using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using Peer.Tests.Resume;

namespace Peer.Tests.Spanning;

/// <summary>A room on several nodes is one room: the same signals in the same order, the same packets, the same rules.</summary>
public sealed class SpanTests
{
    [Theory]
    [InlineData(1, 1, 2, 0.0)]
    [InlineData(2, 2, 2, 0.1)]
    [InlineData(3, 3, 1, 0.2)]
    public void Everybody_hears_everybody_once_and_in_order_wherever_they_are(ulong seed, int gateways, int clientsEach, double loss)
    {
        using var journey = new SpanJourney(seed, gateways, clientsEach, loss);
        journey.Run(5);
        journey.Settle();
        Assert.All(journey.Clients, client => Assert.DoesNotContain(client.Told, told => told[0] == '-'));
        Assert.All(journey.Clients, client => Assert.True(client.Fleeting > 0));
        Assert.Equal(journey.Clients.Select(client => $"+{client.Id}").Order(), journey.Memory.Told.Order());
    }

    [Fact]
    public void A_leave_comes_after_the_last_packet_and_a_join_before_the_first()
    {
        using var journey = new SpanJourney(4, gateways: 2, clientsEach: 1, loss: 0.1);
        for (var time = 0; time < 4; time++)
        {
            var guest = journey.Join(1 + (time % 2));
            var heard = new List<string>();
            foreach (var client in journey.Clients.Take(3))
            {
                client.Peer.PeerConnected += id => heard.Add($"{client.Id}+{id}");
                client.Peer.PeerDisconnected += id => heard.Add($"{client.Id}-{id} after {client.Heard(id, 4)}");
            }

            journey.Until(() => guest.IsConnected, "the guest is in");
            var id = guest.Id;
            for (var i = 0; i < 30; i++)
                Assert.Equal(Error.Ok, guest.Say(4));
            journey.Run(0.1);
            guest.Peer.Close();
            journey.Until(() => heard.Count(line => line.Contains($"-{id}", StringComparison.Ordinal)) == 3, "all have heard that the guest left");
            Assert.All(journey.Clients.Take(3), client =>
                Assert.Equal([$"{client.Id}+{id}", $"{client.Id}-{id} after 30"], heard.Where(line => line.StartsWith($"{client.Id}", StringComparison.Ordinal))));
            journey.Forget(guest);
            journey.Run(2);
        }

        journey.Quiet();
        journey.Run(2);
        journey.NoComplaints();
    }

    [Fact]
    public void Targets_mean_the_same_across_nodes()
    {
        using var journey = new SpanJourney(5, gateways: 2, clientsEach: 2);
        journey.Run(1);
        journey.Settle();
        var all = journey.Clients;
        Traveller from = all[2];
        foreach (var to in all.Where(one => one != from))
        {
            Send(from, to.Id, 20);
            journey.Run(0.5);
            Assert.All(all, one => Assert.Equal(one == to ? 1 : 0, one.Heard(from.Id, 20)));
            Restart(journey, 20);
            Send(from, -to.Id, 21);
            journey.Run(0.5);
            Assert.All(all, one => Assert.Equal(one == to || one == from ? 0 : 1, one.Heard(from.Id, 21)));
            Assert.Equal(1, journey.Memory.Heard[(from.Id, 21)]);
            Restart(journey, 21);
        }

        Send(from, 1, 22);
        journey.Run(0.5);
        Assert.Equal(1, journey.Memory.Heard[(from.Id, 22)]);
        Assert.All(all, one => Assert.Equal(0, one.Heard(from.Id, 22)));
        Send(from, -1, 23);
        journey.Run(0.5);
        Assert.False(journey.Memory.Heard.ContainsKey((from.Id, 23)));
        Assert.All(all.Where(one => one != from), one => Assert.Equal(1, one.Heard(from.Id, 23)));
        Assert.Equal(Error.InvalidParameter, Put(from, 12345, 1));

        // The room itself.
        foreach (var to in all)
        {
            journey.Managers[0].Tell(new Send(-to.Id, new byte[4], 24));
            journey.Run(0.5);
            Assert.All(all, one => Assert.Equal(one == to ? 0 : 1, one.Heard(1, 24)));
            Restart(journey, 24);
        }

        journey.Managers[0].Tell(new Send(0, new byte[4], 25));
        journey.Run(0.5);
        Assert.All(all, one => Assert.Equal(1, one.Heard(1, 25)));
        journey.NoComplaints();
    }

    [Fact]
    public void The_room_disconnects_a_peer_at_another_node()
    {
        using var journey = new SpanJourney(6, gateways: 2, clientsEach: 1);
        var victim = journey.Clients[2];
        var id = victim.Id;
        journey.Managers[0].Tell(new Kick(id, Text: "enough"));
        journey.Until(() => victim.Told[^1] == "out", "the victim is out");
        Assert.Equal("enough", victim.Why);
        journey.Forget(victim);
        journey.Until(() => journey.Clients.All(client => client.Told.Contains($"-{id} Kicked")) && journey.Memory.Told.Contains($"-{id} Kicked"), "all have heard");
        journey.Quiet();
        journey.Run(1);
        journey.NoComplaints();
    }

    [Fact]
    public void When_the_home_closes_all_gateways_close()
    {
        using var journey = new SpanJourney(7, gateways: 2, clientsEach: 1);
        journey.Quiet();
        journey.Managers[0].Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown, "good night")));
        journey.Until(() => journey.Clients.All(client => client.Told[^1] == "out"), "all have lost their server", 10);
        Assert.All(journey.Clients, client => Assert.Equal("good night", client.Why));
    }

    [Fact]
    public void A_gateway_that_closes_takes_its_own_peers_along_and_no_others()
    {
        using var journey = new SpanJourney(8, gateways: 2, clientsEach: 1, loss: 0.05);
        journey.Run(1);
        var leaver = journey.Clients[1];
        var id = leaver.Id;
        journey.Managers[1].Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown)));
        journey.Until(() => leaver.Told[^1] == "out", "the gateway closes");
        journey.Forget(leaver);
        journey.Until(() => journey.Memory.Told[^1] == $"-{id} ShuttingDown" && journey.Clients.All(client => client.Told[^1] == $"-{id} ShuttingDown"), "all have heard");
        journey.Settle();
    }

    [Theory]
    [InlineData(9, 0.0)]
    [InlineData(10, 0.1)]
    public void Peers_of_a_gateway_that_crashed_come_back_by_another_one_and_nobody_hears_of_a_leave(ulong seed, double loss)
    {
        using var journey = new SpanJourney(seed, gateways: 2, clientsEach: 2, loss: loss);
        journey.Run(1);
        journey.Settle();
        var lost = journey.Clients.Skip(2).Take(2).ToArray();
        var ids = lost.Select(client => client.Id).ToArray();
        var host = journey.Simulation.Host("node1");
        host.Crash();
        host.Restart();
        journey.Run(1);
        journey.StartGateway(1);

        // While they are away everybody has something to say to all.
        foreach (var client in journey.Clients)
            client.TalkOn(6, 40);
        journey.Managers[0].Tell(new Send(0, new byte[4], 7));
        journey.Until(() => lost.All(client => client.Told.Contains("!1")), "they are back", 40);
        Assert.Equal(ids, lost.Select(client => client.Id));
        journey.Run(3);
        foreach (var client in journey.Clients)
            client.TalkOn(8, 20);
        journey.Managers[0].Tell(new Send(0, new byte[] { 1, 0, 0, 0 }, 7));
        journey.Until(() => Hear(journey, 8, 20), "all hear all that is said from now on");
        journey.Until(() => journey.Clients.Except(lost).All(said => journey.Clients.All(one => one == said || one.Heard(said.Id, 6) == 40)), "those who were away hear what was said meanwhile");
        Assert.All(journey.Clients, client => Assert.Equal(2, client.Heard(1, 7)));
        journey.Run(30);
        Assert.All(journey.Clients, client => Assert.DoesNotContain(client.Told, told => told[0] == '-'));
        Assert.DoesNotContain(journey.Memory.Told, told => told[0] == '-');
        Assert.Equal(ids.Order(), journey.Heard.OfType<PeerRestarted>().Select(back => back.Peer).Order());
        journey.NoComplaints();
    }

    [Fact]
    public void Peers_of_a_gateway_that_crashed_have_left_when_the_grace_time_is_over()
    {
        using var journey = new SpanJourney(11, gateways: 2, clientsEach: 1);
        journey.Run(1);
        journey.Settle();
        var lost = journey.Clients[1];
        var id = lost.Id;
        journey.Simulation.Host("node1").Crash();
        journey.Run(15);
        Assert.DoesNotContain(journey.Memory.Told, told => told[0] == '-');
        journey.Run(10);
        Assert.Equal($"-{id} Timeout", journey.Memory.Told[^1]);
        Assert.Equal("out", lost.Told[^1]);
        journey.Forget(lost);
        Assert.All(journey.Clients, client => Assert.Equal($"-{id} Timeout", client.Told[^1]));
        foreach (var client in journey.Clients)
            client.TalkOn(8, 20);
        journey.Until(() => Hear(journey, 8, 20), "the others go on");
        journey.NoComplaints();
    }

    [Fact]
    public void A_gateway_lets_nobody_in_before_its_home_has_answered_and_ends_without_a_word_when_it_is_gone()
    {
        using var journey = new SpanJourney(12, gateways: 1, clientsEach: 1);
        journey.Quiet();
        journey.Run(1);
        journey.Simulation.Host("node0").Crash();
        journey.Run(1);
        Assert.DoesNotContain(journey.Clients[1].Told, told => told[0] is '-' or 'o');

        var orphan = journey.Simulation.Host("node9");
        orphan.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { Home = journey.Managers[0] });
        var guest = journey.Join(9);
        journey.Run(12);
        Assert.Equal("failed NoAnswer", guest.Told[^1]);
    }

    [Fact]
    public void A_ticket_that_is_proved_at_two_gateways_at_once_is_good_at_one()
    {
        using var journey = new SpanJourney(14, gateways: 3, clientsEach: 1);
        journey.Run(1);
        journey.Settle();
        var lost = journey.Clients[1];
        var id = lost.Id;
        journey.Simulation.Host("node1").Crash();
        lost.Host.Crash();
        journey.Forget(lost);
        var (ticket, secret) = Tickets.Seal(journey.Simulation, session: 7, id, generation: 1);
        using var one = new TicketBearer(journey.Simulation, "one", journey.Simulation.Host("node2"), ticket, secret);
        using var other = new TicketBearer(journey.Simulation, "other", journey.Simulation.Host("node3"), ticket, secret);
        journey.Until(() => one.State == ClientHandshakeState.Established && other.State == ClientHandshakeState.Established, "both are welcomed");
        one.Prove();
        other.Prove();
        journey.Run(2);
        Assert.Equal(1, (one.End is null ? 1 : 0) + (other.End is null ? 1 : 0));
        Assert.DoesNotContain(journey.Clients, client => client.Told.Count(told => told == $"+{id}") - client.Told.Count(told => told.StartsWith($"-{id}", StringComparison.Ordinal)) != 1);
        journey.NoComplaints();
    }

    [Fact]
    public void IDs_of_each_node_are_of_a_class_of_their_own()
    {
        using var journey = new SpanJourney(13, gateways: 3, clientsEach: 3);
        var classes = journey.Clients.Select(client => client.Id % 64).Chunk(3).ToArray();
        Assert.All(classes, ids => Assert.Single(ids.Distinct()));
        Assert.Equal(4, classes.Select(ids => ids[0]).Distinct().Count());
        Assert.All(journey.Clients.Take(3), client => Assert.Equal(0, client.Id % 64));
    }

    private static bool Hear(SpanJourney journey, int channel, int numbers) =>
        journey.Clients.All(one => journey.Clients.All(other => one == other || one.Heard(other.Id, channel) == numbers));

    private static void Send(Traveller from, int target, int channel) => Assert.Equal(Error.Ok, Put(from, target, channel));

    private static Error Put(Traveller from, int target, int channel)
    {
        from.Peer.SetTargetPeer(target);
        from.Peer.TransferChannel = channel;
        from.Peer.TransferMode = TransferMode.Reliable;
        return from.Peer.PutPacket(new byte[4]);
    }

    private static void Restart(SpanJourney journey, int channel)
    {
        foreach (var client in journey.Clients)
            client.Forget(channel);
        foreach (var key in journey.Memory.Heard.Keys.Where(key => key.Channel == channel).ToArray())
            journey.Memory.Heard.Remove(key);
    }
}
