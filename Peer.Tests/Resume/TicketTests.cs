using System.Net;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Tests.Resume;

/// <summary>Tickets of a server that has failed, shown to the one in its place by their owners and by others.</summary>
public sealed class TicketTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation = new(21, ConfigurationFactory.ParseString(
        $"actorpeer.resume {{ adopt = on, ticket-keys = [\"{Convert.ToBase64String(Tickets.Key)}\"] }}"));

    private readonly SimulatedHost _host;
    private readonly Traveller _server;
    private readonly Traveller _bystander;
    private readonly List<TicketBearer> _bearers = [];

    public TicketTests()
    {
        _host = _simulation.Host("server");
        _server = new Traveller(_host, _host.Serve(Traveller.Port));
        var other = _simulation.Host("bystander");
        _bystander = new Traveller(other, other.Join(_host, Traveller.Port));
        _simulation.RunFor(Second);
        Assert.True(_bystander.IsConnected);
    }

    [Fact]
    [Trait("Attack", "4")]
    public void A_ticket_that_was_overheard_opens_nothing_and_its_owner_gets_in()
    {
        var (ticket, secret) = Ticket(session: 1, peer: 5000, generation: 3);
        var thieves = new List<TicketBearer>();
        for (var i = 0; i < 20; i++)
            thieves.Add(Bearer(ticket, new byte[32]));
        _simulation.RunFor(Second);
        Assert.All(thieves, thief => Assert.True(thief.Welcomes > 0 || thief.State == ClientHandshakeState.Hello));
        Assert.All(thieves, thief => Assert.NotEqual(ClientHandshakeState.Established, thief.State));

        var owner = Bearer(ticket, secret);
        Established(owner);
        Assert.Equal(5000, owner.Id);
        Assert.True(owner.IsAnew);
        owner.Prove();
        _simulation.RunFor(Second);
        Assert.Contains("+5000", _server.Told);
        Assert.Contains("+5000", _bystander.Told);
        _simulation.RunFor(8 * Second);
        Assert.Single(_server.Told, told => told == "+5000");
        Assert.DoesNotContain(_server.Told, told => told.StartsWith("-5000", StringComparison.Ordinal));
    }

    [Theory]
    [Trait("Attack", "4")]
    [InlineData("another key", DisconnectReason.TokenInvalid)]
    [InlineData("a byte changed", DisconnectReason.TokenInvalid)]
    [InlineData("another application", DisconnectReason.TokenInvalid)]
    [InlineData("another room", DisconnectReason.ResumeRefused)]
    [InlineData("expired", DisconnectReason.TokenExpired)]
    [InlineData("an ID that is another one's", DisconnectReason.ResumeRefused)]
    public void A_ticket_that_is_not_good_here_is_refused(string what, DisconnectReason reason)
    {
        var (ticket, secret) = what switch
        {
            "another key" => Ticket(1, 5000, 1, key: [.. Tickets.Key.Reverse()]),
            "another application" => Ticket(1, 5000, 1, application: "chess"),
            "another room" => Ticket(1, 5000, 1, room: "elsewhere"),
            "expired" => Ticket(1, 5000, 1, life: -1),
            "an ID that is another one's" => Ticket(1, _bystander.Id, 1),
            _ => Ticket(1, 5000, 1),
        };
        if (what == "a byte changed")
            ticket[^20] ^= 1;
        var bearer = Bearer(ticket, secret);
        _simulation.RunFor(Second);
        Assert.Equal(ClientHandshakeState.Refused, bearer.State);
        Assert.Equal(reason, bearer.Refusal);
        Assert.Single(_server.Told);
    }

    [Fact]
    [Trait("Attack", "4")]
    public void Of_two_who_prove_tickets_of_one_connection_the_newer_one_stays_whoever_came_first()
    {
        var old = Ticket(1, 5000, generation: 2);
        var newest = Ticket(1, 5000, generation: 3);
        var thief = Bearer(old.Ticket, old.Secret);
        Established(thief);
        thief.Prove();
        _simulation.RunFor(Second);
        Assert.Equal("+5000", _server.Told[^1]);

        var owner = Bearer(newest.Ticket, newest.Secret);
        Established(owner);
        owner.Prove();
        _simulation.RunFor(Second);
        Assert.Equal(DisconnectReason.ResumeRefused, thief.End?.Reason);
        Assert.Equal(["+5000", "-5000 ResumeRefused", "+5000"], _server.Told.TakeLast(3));
        Assert.Equal(["+5000", "-5000 ResumeRefused", "+5000"], _bystander.Told.TakeLast(3));
        Assert.Null(owner.End);

        var again = Bearer(old.Ticket, old.Secret);
        _simulation.RunFor(Second);
        Assert.Equal(ClientHandshakeState.Refused, again.State);
        Assert.Equal(DisconnectReason.ResumeRefused, again.Refusal);
    }

    [Fact]
    [Trait("Attack", "4")]
    public void Of_two_who_were_welcomed_by_one_ticket_the_first_to_prove_it_stays()
    {
        var (ticket, secret) = Ticket(1, 5000, 1);
        var one = Bearer(ticket, secret);
        var other = Bearer(ticket, secret);
        Established(one);
        Established(other);
        other.Prove();
        _simulation.RunFor(Second);
        one.Prove();
        _simulation.RunFor(Second);
        Assert.Equal(DisconnectReason.ResumeRefused, one.End?.Reason);
        Assert.Null(other.End);
        Assert.Single(_server.Told, told => told == "+5000");
    }

    [Fact]
    public void An_owner_who_has_not_got_its_next_ticket_comes_back_by_the_same_one_and_goes_on()
    {
        var (ticket, secret) = Ticket(1, 5000, 1);
        var owner = Bearer(ticket, secret);
        Established(owner);
        owner.Prove();
        _simulation.RunFor(Second);
        var again = Bearer(ticket, secret);
        Established(again);
        Assert.False(again.IsAnew);
        Assert.Equal(5000, again.Id);
    }

    [Fact]
    [Trait("Attack", "4")]
    public void A_ticket_that_comes_when_all_have_had_their_time_is_refused()
    {
        _simulation.RunFor(21 * Second);
        var (ticket, secret) = Ticket(1, 5000, 1);
        var late = Bearer(ticket, secret);
        _simulation.RunFor(Second);
        Assert.Equal(DisconnectReason.ResumeRefused, late.Refusal);
    }

    [Fact]
    [Trait("Attack", "18")]
    public void Nobody_is_given_an_ID_that_a_ticket_has_named()
    {
        // Two tickets of different connections name one ID, which no server ever issued: whoever proves first has it.
        var one = Ticket(1, 5000, 1);
        var other = Ticket(2, 5000, 1);
        var (first, second) = (Bearer(one.Ticket, one.Secret), Bearer(other.Ticket, other.Secret));
        Established(first);
        Established(second);
        second.Prove();
        _simulation.RunFor(Second);
        first.Prove();
        _simulation.RunFor(Second);
        Assert.Equal(DisconnectReason.IdInUse, first.End?.Reason);
        Assert.Single(_server.Told, told => told == "+5000");
    }

    [Fact]
    public void A_room_that_has_a_name_takes_tickets_of_its_own_and_none_that_names_no_room()
    {
        var host = _simulation.Host("room");
        var listener = new List<object>();
        var ear = host.ActorOf(Akka.Actor.Props.Create(() => new RoomActor(new RoomMemory(), listener.Add)));
        host.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { Room = "attic" }, ear);
        _simulation.RunFor(Second);
        var own = Ticket(1, 5000, 1, room: "attic");
        var strange = Ticket(2, 5001, 1);
        var guest = Bearer(host, own.Ticket, own.Secret);
        var stranger = Bearer(host, strange.Ticket, strange.Secret);
        Established(guest);
        _simulation.RunFor(Second);
        Assert.Equal(DisconnectReason.ResumeRefused, stranger.Refusal);
    }

    public void Dispose()
    {
        foreach (var bearer in _bearers)
            bearer.Dispose();
        _simulation.Dispose();
    }

    private TicketBearer Bearer(byte[] ticket, byte[] secret) => Bearer(_host, ticket, secret);

    private TicketBearer Bearer(SimulatedHost server, byte[] ticket, byte[] secret)
    {
        var bearer = new TicketBearer(_simulation, $"bearer{_bearers.Count}", server, ticket, secret);
        _bearers.Add(bearer);
        return bearer;
    }

    private void Established(TicketBearer bearer) =>
        Assert.True(_simulation.RunUntil(() => bearer.State == ClientHandshakeState.Established, 5 * Second), $"{bearer.State} {(bearer.State == ClientHandshakeState.Refused ? bearer.Refusal : 0)}");

    private (byte[] Ticket, byte[] Secret) Ticket(
        UInt128 session, int peer, uint generation, byte[]? key = null, string application = "actorpeer", string room = "", long life = 3600) =>
        Tickets.Seal(_simulation, session, peer, generation, key, application, room, life);
}
