using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

public sealed class SimulatedSocketTests : IDisposable
{
    private readonly Simulation _simulation = new(9);

    [Fact]
    public void A_port_is_had_once_and_free_again_when_its_peer_has_closed()
    {
        var host = _simulation.Host("server");
        var first = host.Serve(7777);
        var second = host.NewPeer();
        Assert.Equal(Error.CantCreate, second.CreateServer(7777));
        Assert.Contains("taken", second.LastErrorText, StringComparison.Ordinal);
        first.Close();
        Assert.Equal(Error.Ok, second.CreateServer(7777));
    }

    [Fact]
    public void The_same_port_on_another_host_is_another_port()
    {
        _simulation.Host("one").Serve(7777);
        Assert.Equal(7777, _simulation.Host("other").Serve(7777).LocalPort);
    }

    [Fact]
    public void Any_address_on_a_host_is_that_hosts()
    {
        var host = _simulation.Host("server");
        Assert.Equal(new IPEndPoint(host.Address, 7777), host.Serve(7777).LocalEndPoint);
        Assert.NotEqual(0, host.Serve(0).LocalPort);
    }

    [Fact]
    public void Another_hosts_address_cannot_be_bound()
    {
        var peer = _simulation.Host("server").NewPeer();
        var other = _simulation.Host("other");
        Assert.Equal(Error.CantCreate, peer.CreateServer(7777, new ServerOptions { BindAddress = other.Address.ToString() }));
        Assert.Contains($"not an address of server", peer.LastErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_address_is_refused_to_a_peer_without_a_host_with_a_hint_what_to_do()
    {
        using var peer = new ActorMultiplayerPeer(_simulation.System);
        Assert.Equal(Error.CantCreate, peer.CreateServer(7777));
        Assert.Contains("NewPeer", peer.LastErrorText, StringComparison.Ordinal);
    }

    [Fact]
    public void A_send_to_an_address_that_nobody_has_vanishes()
    {
        var fates = new HashSet<Fate>();
        _simulation.Network.Landed += transit => fates.Add(transit.Fate);
        var client = new Player(_simulation.Host("client"), _simulation.Host("client").NewPeer());
        Assert.Equal(Error.Ok, client.Peer.CreateClient("10.9.9.9", 7777));
        _simulation.RunFor(TimeSpan.FromSeconds(60));
        Assert.Equal([Fate.Nobody], fates);
        Assert.StartsWith("failed ", Assert.Single(client.Told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_needs_a_name_that_an_actor_may_have() =>
        Assert.Throws<ArgumentException>(() => _simulation.Host("no/name"));

    [Fact]
    public void Settings_of_a_host_are_its_own()
    {
        var strict = _simulation.Host("strict");
        strict.Settings = settings => settings with { Server = settings.Server with { MaxPeers = 1 } };
        strict.Serve(7777);
        _simulation.Host("other").Serve(7777);
        var players = Enumerable.Range(0, 2).Select(i => Player.Join(_simulation.Host($"player{i}"), strict)).ToList();
        var free = Enumerable.Range(2, 2).Select(i => Player.Join(_simulation.Host($"player{i}"), _simulation.Host("other"))).ToList();
        _simulation.RunFor(TimeSpan.FromSeconds(5));
        Assert.Equal(1, players.Count(player => player.IsConnected));
        Assert.All(free, player => Assert.True(player.IsConnected));
    }

    [Fact]
    public void A_mistake_in_an_actor_is_an_error_of_the_simulation()
    {
        var actor = _simulation.Host("server").ActorOf(Props.Create(() => new Clumsy()));
        Assert.Empty(_simulation.Errors);
        actor.Tell("fall");
        Assert.Equal("fall", Assert.Single(_simulation.Errors).Cause.Message);
    }

    public void Dispose() => _simulation.Dispose();

    private sealed class Clumsy : UntypedActor
    {
        protected override void OnReceive(object message) => throw new InvalidOperationException(message.ToString());
    }
}
