using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol.Handover;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Resume;

/// <summary>A room that moves from host to host under its players.</summary>
public sealed class HandoverTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly RoomMemory _memory = new();
    private readonly List<Traveller> _clients = [];
    private Simulation _simulation = null!;
    private IActorRef _manager = ActorRefs.Nobody;
    private IActorRef _room = ActorRefs.Nobody;
    private HandedOver? _handed;
    private int _moves;
    private bool _isQuiet;

    [Theory]
    [InlineData(1, 0.0)]
    [InlineData(2, 0.1)]
    [InlineData(3, 0.1)]
    [InlineData(4, 0.25)]
    public void A_room_that_moves_loses_and_repeats_nothing_and_nobody_hears_of_it(ulong seed, double loss)
    {
        Begin(seed, 4, loss);
        var told = _clients.Select(client => client.Told.ToArray()).ToArray();
        var ids = _clients.Select(client => client.Id).ToArray();
        for (var move = 0; move < 6; move++)
        {
            _simulation.RunFor(move * 0.37 * Second);
            Move();
        }

        _simulation.RunFor(5 * Second);
        Settle();
        Assert.Equal(ids, _clients.Select(client => client.Id));

        // A client that was on its way when its room moved again may have noticed that; that anybody left nobody hears.
        Assert.Equal(told, _clients.Select(client => client.Told.Where(signal => signal[0] is not ('~' or '=')).ToArray()));
        Assert.DoesNotContain(_memory.Told, signal => signal[0] == '-');
    }

    [Fact]
    public void A_client_that_is_away_while_its_room_moves_asks_where_it_was_and_is_shown_the_way()
    {
        Begin(9, 3, 0.05);
        var client = _clients[0];
        _simulation.Network.Partition([_simulation.Host("node0")], [client.Host]);
        _simulation.RunFor(3 * Second);
        Move();
        _simulation.RunFor(4 * Second);
        _simulation.Network.Heal();
        _simulation.RunFor(10 * Second);
        Settle();
        Assert.Equal("=1", client.Told[^1]);
        Assert.DoesNotContain(_memory.Told, signal => signal[0] == '-');
    }

    [Fact]
    public void A_client_that_cannot_find_its_room_has_left()
    {
        Begin(5, 3, 0.05);
        var (server, client) = (_simulation.Host($"node{_moves}"), _clients[0]);
        _simulation.Network.Partition([server], [client.Host]);
        _simulation.RunFor(3 * Second);
        Move();
        _simulation.RunFor(Second);
        Settle(except: client);
        Assert.True(_clients.Skip(1).All(other => other.IsConnected));

        _simulation.RunFor(30 * Second);
        Assert.Equal("out", client.Told[^1]);
        Assert.Contains(_memory.Told, signal => signal.StartsWith('-') && signal.EndsWith("Timeout", StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_that_is_none_starts_no_server()
    {
        using var simulation = _simulation = new Simulation(6);
        var heard = new List<object>();
        var host = simulation.Host("node");
        var room = host.ActorOf(Props.Create(() => new RoomActor(_memory, heard.Add)));
        host.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { State = new byte[] { 1, 2, 3 } }, room);
        simulation.RunFor(Second);
        Assert.Contains(heard, message => message is CouldNotStart);
        Assert.Contains(heard, message => message is Stopped);
    }

    [Fact]
    public void A_server_without_grace_says_that_it_cannot_hand_over()
    {
        using var simulation = _simulation = new Simulation(7, Akka.Configuration.ConfigurationFactory.ParseString("actorpeer.resume.grace = 0s"));
        var heard = new List<object>();
        var host = simulation.Host("node");
        var room = host.ActorOf(Props.Create(() => new RoomActor(_memory, heard.Add)));
        var manager = host.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)), room);
        simulation.RunFor(Second);
        manager.Tell(HandOver.Instance, room);
        simulation.RunFor(Second);
        Assert.NotEmpty(Assert.Single(heard.OfType<HandedOver>()).Cause);
    }

    [Fact]
    public void A_state_is_read_as_it_was_written_and_damage_is_noticed_or_harmless()
    {
        Begin(8, 3, 0.2);
        _simulation.RunFor(2 * Second);
        _manager.Tell(HandOver.Instance, _room);
        Assert.True(_simulation.RunUntil(() => _handed is not null, 5 * Second));
        var state = _handed!.State.ToArray();
        var server = HandoverCodec.Decode(state);
        Assert.NotNull(server);
        Assert.Equal(3, server.Connections.Length);
        Assert.Equal(state, HandoverCodec.Encode(server));
        for (var length = 0; length < state.Length; length += Math.Max(1, state.Length / 500))
            Assert.Null(HandoverCodec.Decode(state.AsMemory(0, length)));
        var random = new Random(1);
        for (var i = 0; i < 5_000; i++)
        {
            var damaged = state.ToArray();
            damaged[random.Next(Math.Min(damaged.Length, 2_000))] ^= (byte)(1 << random.Next(8));
            HandoverCodec.Decode(damaged);
        }
    }

    public void Dispose() => _simulation?.Dispose();

    private void Begin(ulong seed, int clients, double loss)
    {
        _simulation = new Simulation(seed);
        _simulation.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(25), Loss = loss, Reordering = loss, ReorderDelay = TimeSpan.FromMilliseconds(10) };
        Serve(default);
        for (var i = 0; i < clients; i++)
        {
            var host = _simulation.Host($"client{i}");
            _clients.Add(new Traveller(host, host.Join(_simulation.Host("node0"), Traveller.Port), padding: 20_000));
        }

        Assert.True(_simulation.RunUntil(() => _clients.TrueForAll(client => client.Told.Count == clients), 20 * Second));
        foreach (var client in _clients)
            client.Talk(TimeSpan.FromMilliseconds(50), () => _isQuiet);
        _simulation.Every(TimeSpan.FromMilliseconds(50), () =>
        {
            _room.Tell("speak");
            return !_isQuiet;
        });
    }

    private void Serve(ReadOnlyMemory<byte> state)
    {
        var host = _simulation.Host($"node{_moves}");
        _room = host.ActorOf(Props.Create(() => new RoomActor(_memory, Watch)));
        _manager = host.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { State = state }, _room);
    }

    private void Watch(object message) => _handed = message as HandedOver ?? _handed;

    private void Move()
    {
        var old = _manager;
        _handed = null;
        old.Tell(HandOver.Instance, _room);
        Assert.True(_simulation.RunUntil(() => _handed is not null, 10 * Second), "the server hands over");
        Assert.Equal("", _handed!.Cause);
        _moves++;
        Serve(_handed.State);
        _simulation.RunFor(TimeSpan.FromMilliseconds(30));
        old.Tell(new Migrate($"{_simulation.Host($"node{_moves}").Address}:{Traveller.Port}"));
    }

    private void Settle(Traveller? except = null)
    {
        if (except is null)
            _isQuiet = true;
        var clients = _clients.Where(client => client != except).ToArray();
        Assert.True(_simulation.RunUntil(() => except is not null || AllHeard(clients), 60 * Second), Story());
        Assert.Empty(_memory.Complaints);
        Assert.All(clients, client => Assert.Empty(client.Complaints));
        Assert.Empty(_simulation.Errors);
    }

    private bool AllHeard(Traveller[] clients) => Enumerable.Range(0, 3).All(channel => Array.TrueForAll(clients, one =>
        one.Heard(1, channel) == _memory.Said.GetValueOrDefault((one.Id, channel))
        && _memory.Heard.GetValueOrDefault((one.Id, channel)) == one.Said(channel)
        && Array.TrueForAll(clients, other => one == other || one.Heard(other.Id, channel) == other.Said(channel))));

    private string Story() => string.Join('\n', _clients.Select(client =>
        $"{client.Host.Name} {client.Id}: {string.Join(", ", client.Told)} {client.Why} {string.Join("; ", client.Complaints.Take(2))} of the room {client.Heard(1, 0)}/{_memory.Said.GetValueOrDefault((client.Id, 0))}"
        + $", by the room {_memory.Heard.GetValueOrDefault((client.Id, 0))}/{client.Said(0)}")) + $"\nroom: {string.Join(", ", _memory.Told)} {string.Join("; ", _memory.Complaints.Take(2))}";
}
