using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

/// <summary>What befalls a host, as its peers and the others live it.</summary>
public sealed class HostFaultTests : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation = new(5);
    private readonly Player _server;
    private readonly Player _client;

    public HostFaultTests()
    {
        _simulation.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(20) };
        _server = Player.Serve(_simulation.Host("server"));
        _client = Player.Join(_simulation.Host("client"), _server.Host);
        Assert.True(_simulation.RunUntil(() => _client.IsConnected && _server.Told.Count == 1, 5 * Second));
    }

    private TimeSpan IdleTimeout => TimeSpan.FromMicroseconds(ActorPeer.Get(_simulation.System).Settings.Link.IdleTimeout);

    [Fact]
    public void A_client_that_freezes_for_less_than_the_idle_timeout_loses_nothing()
    {
        _server.Count(MultiplayerPeer.TargetPeerBroadcast, 200, TimeSpan.FromMilliseconds(30));
        _client.Count(MultiplayerPeer.TargetPeerServer, 200, TimeSpan.FromMilliseconds(30));
        _simulation.RunFor(Second);
        _client.Host.Freeze();
        Assert.True(_client.Host.IsFrozen);
        var before = (_client.Got.Count, _client.Told.Count);
        _simulation.RunFor(IdleTimeout / 2);
        Assert.Equal(before, (_client.Got.Count, _client.Told.Count));

        _client.Host.Thaw();
        _simulation.RunFor(20 * Second);
        Assert.Equal(Enumerable.Range(0, 200), _client.Got);
        Assert.Equal(Enumerable.Range(0, 200), _server.Got);
        Assert.Equal(["+1", "in"], _client.Told);
        Assert.Single(_server.Told);
    }

    [Fact]
    public void A_port_that_somebody_else_took_when_its_transport_failed_is_taken_back_once_it_is_free()
    {
        _client.Count(MultiplayerPeer.TargetPeerServer, 200, TimeSpan.FromMilliseconds(30));
        _simulation.RunFor(Second);
        _simulation.System.ActorSelection("/user/server-*/$*").Tell(Kill.Instance);
        _simulation.RunFor(TimeSpan.FromMilliseconds(10));
        var thief = _server.Host.Serve(7777);
        var events = _simulation.Events;
        _simulation.RunFor(5 * Second);
        Assert.NotEqual(200, _server.Got.Count);

        // Each attempt waits longer than the last.
        Assert.InRange(_simulation.Events - events, 1, 20_000);
        thief.Close();
        _simulation.RunFor(10 * Second);
        Assert.Equal(Enumerable.Range(0, 200), _server.Got);
        Assert.Equal(["+1", "in"], _client.Told);
        Assert.Single(_server.Told);
    }

    [Fact]
    public void A_frozen_host_sends_nothing_and_its_facade_reads_nothing()
    {
        var sent = 0;
        _simulation.Network.Carried += transit => sent += transit.From.Address.Equals(_client.Host.Address) ? 1 : 0;
        _client.Host.Freeze();
        Assert.Equal(Error.Ok, _server.Send(MultiplayerPeer.TargetPeerBroadcast, 1));
        Assert.Equal(Error.Ok, _client.Send(MultiplayerPeer.TargetPeerServer, 2));
        _simulation.RunFor(2 * Second);
        _client.Peer.Poll(Second);
        Assert.Equal(0, sent);
        Assert.Equal(0, _client.Peer.GetAvailablePacketCount());

        _client.Host.Thaw();
        _simulation.RunFor(Second);
        Assert.Equal([1], _client.Got);
        Assert.Equal([2], _server.Got);
    }

    [Fact]
    public void What_a_socket_buffer_cannot_hold_during_a_freeze_is_lost_and_sent_again()
    {
        var overflows = 0;
        _simulation.Network.Landed += transit => overflows += transit.Fate == Fate.BufferFull ? 1 : 0;
        using var socket = new FloodedSocket(_simulation, _client.Host);
        _client.Host.Freeze();
        socket.Flood(datagrams: 5_000, bytes: 1_000);
        _simulation.RunFor(Second);
        Assert.Equal(5_000 - ((4 << 20) / 1_000), overflows);
        Assert.Equal(0, socket.Read);
        _client.Host.Thaw();
        Assert.Equal((4 << 20) / 1_000, socket.Read);
    }

    [Fact]
    public void A_client_that_freezes_for_longer_is_timed_out_and_learns_of_it_later()
    {
        _client.Host.Freeze();
        _simulation.RunFor(IdleTimeout * 2);
        Assert.Equal($"-{_client.Peer.GetUniqueId()} {DisconnectReason.Timeout}", _server.Told[^1]);
        Assert.Equal(["+1", "in"], _client.Told);

        _client.Host.Thaw();
        _simulation.RunFor(IdleTimeout * 2);
        Assert.StartsWith("out ", _client.Told[^1], StringComparison.Ordinal);
        Assert.False(_client.IsConnected);
    }

    [Fact]
    public void A_frozen_server_comes_back_to_everything_in_order()
    {
        _client.Count(MultiplayerPeer.TargetPeerServer, 100, TimeSpan.FromMilliseconds(20));
        _simulation.RunFor(Second / 2);
        _server.Host.Freeze();
        _simulation.RunFor(IdleTimeout / 2);
        _server.Host.Thaw();
        _simulation.RunFor(10 * Second);
        Assert.Equal(Enumerable.Range(0, 100), _server.Got);
    }

    [Fact]
    public void A_crash_is_silent_and_the_clients_join_the_restarted_server_on_its_port()
    {
        var sent = 0;
        _server.Host.Crash();
        _simulation.Network.Carried += transit => sent += transit.From.Address.Equals(_server.Host.Address) ? 1 : 0;
        Assert.False(_server.Host.IsUp);
        Assert.Throws<InvalidOperationException>(() => _server.Host.NewPeer());
        var told = _server.Told.Count;
        _simulation.RunFor(IdleTimeout * 3);
        Assert.Equal(0, sent);
        Assert.Equal(told, _server.Told.Count);
        Assert.Equal($"out {DisconnectReason.Timeout}", _client.Told[^1]);

        _server.Host.Restart();
        Assert.True(_server.Host.IsUp);
        var server = Player.Serve(_server.Host);
        var client = Player.Join(_client.Host, _server.Host);
        Assert.True(_simulation.RunUntil(() => client.IsConnected && server.Told.Count == 1, 5 * Second));
        Assert.Empty(_simulation.Errors);
    }

    [Fact]
    public void A_server_that_restarts_at_once_tells_its_old_clients_nothing_that_they_could_mistake()
    {
        _server.Host.Crash();
        _server.Host.Restart();
        var server = Player.Serve(_server.Host);
        _client.Count(MultiplayerPeer.TargetPeerServer, 10, TimeSpan.FromMilliseconds(20));
        _simulation.RunFor(IdleTimeout * 3);
        Assert.Empty(server.Got);
        Assert.Empty(server.Told);
        Assert.StartsWith("out ", _client.Told[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_facade_of_a_crashed_host_is_dead_and_disposing_of_it_takes_no_time()
    {
        _client.Host.Crash();
        var (told, now) = (_client.Told.Count, _simulation.Time.Now);
        _client.Peer.Poll(Second);
        _client.Send(MultiplayerPeer.TargetPeerServer, 1);
        _client.Peer.Dispose();
        Assert.Equal(told, _client.Told.Count);
        Assert.Equal(now, _simulation.Time.Now);
        _simulation.RunFor(IdleTimeout * 2);
        Assert.EndsWith($"{DisconnectReason.Timeout}", _server.Told[^1], StringComparison.Ordinal);
        Assert.Empty(_simulation.Errors);
    }

    [Fact]
    public void A_frozen_host_can_crash()
    {
        _client.Host.Freeze();
        _simulation.RunFor(Second);
        _client.Host.Crash();
        Assert.False(_client.Host.IsFrozen);
        _client.Host.Restart();
        var again = Player.Join(_client.Host, _server.Host);
        Assert.True(_simulation.RunUntil(() => again.IsConnected, 5 * Second));
    }

    [Fact]
    public void A_NAT_that_forgets_in_the_middle_of_traffic_costs_nothing()
    {
        var client = _client.Peer.GetUniqueId();
        _client.Count(MultiplayerPeer.TargetPeerServer, 300, TimeSpan.FromMilliseconds(20));
        _server.Count(client, 300, TimeSpan.FromMilliseconds(20));
        for (var i = 0; i < 3; i++)
        {
            _simulation.RunFor(Second);
            _client.Host.ChangeAddress();
        }

        _simulation.RunFor(10 * Second);
        Assert.Equal(Enumerable.Range(0, 300), _server.Got);
        Assert.Equal(Enumerable.Range(0, 300), _client.Got);
        Assert.Equal(["+1", "in"], _client.Told);
        Assert.Single(_server.Told);
    }

    [Fact]
    public void After_a_rebind_replies_to_the_old_port_vanish()
    {
        var nobody = 0;
        _simulation.Network.Landed += transit => nobody += transit.Fate == Fate.Nobody ? 1 : 0;
        var old = _client.Peer.LocalPort;
        _client.Host.ChangeAddress();
        Assert.Equal(old, _client.Peer.LocalPort);
        _server.Send(_client.Peer.GetUniqueId(), 1);
        _simulation.RunFor(TimeSpan.FromMilliseconds(30));
        Assert.InRange(nobody, 1, 10);
        Assert.Empty(_client.Got);
        _simulation.RunFor(5 * Second);
        Assert.Equal([1], _client.Got);
    }

    public void Dispose() => _simulation.Dispose();
}
