using System.Net;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Peer.Actors;
using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Facade;

/// <summary>The facade's two tables, with a probe as the manager.</summary>
public sealed class ActorMultiplayerPeerTests : Akka.TestKit.Xunit2.TestKit
{
    private readonly ProbeRuntime _runtime;
    private readonly ActorMultiplayerPeer _peer;
    private readonly List<string> _heard = [];

    public ActorMultiplayerPeerTests()
    {
        _runtime = new ProbeRuntime(CreateTestProbe());
        _peer = new ActorMultiplayerPeer(_runtime);
        _peer.PeerConnected += id => _heard.Add($"connected {id}");
        _peer.PeerDisconnected += id => _heard.Add($"disconnected {id}: {_peer.LastDisconnect.Reason}");
        _peer.ConnectionSucceeded += () => _heard.Add("succeeded");
        _peer.ConnectionFailed += () => _heard.Add($"failed: {_peer.LastDisconnect.Reason}, {_peer.GetConnectionStatus()}");
        _peer.ServerDisconnected += () => _heard.Add($"server gone: {_peer.LastDisconnect.Reason}, {_peer.GetConnectionStatus()}");
    }

    [Fact]
    public void A_server_is_connected_with_ID_1_when_it_listens()
    {
        Assert.Equal(Error.Ok, _peer.CreateServer(0, new ServerOptions { BindAddress = "127.0.0.1", MaxPeers = 9 }));

        Assert.Equal(ConnectionStatus.Connected, _peer.GetConnectionStatus());
        Assert.Equal(1, _peer.GetUniqueId());
        Assert.True(_peer.IsServer());
        Assert.True(_peer.IsServerRelaySupported());
        Assert.Equal(4433, _peer.LocalPort);
        Assert.Equal(IPAddress.Loopback, _peer.LocalEndPoint!.Address);
        Assert.Equal((new PeerRole.Server(new IPEndPoint(IPAddress.Loopback, 0)), 9), Assert.Single(_runtime.Started));
        Assert.Equal(Error.AlreadyInUse, _peer.CreateServer(0));
        Assert.Equal(Error.AlreadyInUse, _peer.CreateClient("localhost", 1));
        Assert.Equal(Error.AlreadyInUse, _peer.CreateMesh(2));
        Assert.Single(_runtime.Started);
    }

    [Fact]
    public void A_server_listens_on_every_address_unless_told_otherwise()
    {
        _peer.CreateServer(7777);
        var bind = Assert.IsType<PeerRole.Server>(_runtime.Started[0].Role).Bind;
        Assert.Contains(bind.Address, new[] { IPAddress.IPv6Any, IPAddress.Any });
        Assert.Equal(7777, bind.Port);
    }

    [Fact]
    public void A_port_that_is_taken_is_CantCreate_with_the_cause_and_the_peer_can_try_again()
    {
        _runtime.FirstEvent = new CouldNotStart("port 80 is taken");
        Assert.Equal(Error.CantCreate, _peer.CreateServer(80));
        Assert.Equal("port 80 is taken", _peer.LastErrorText);
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());

        _runtime.Inbox.Post(Stopped.Instance);
        _runtime.FirstEvent = new Listening(new IPEndPoint(IPAddress.Any, 81));
        Assert.Equal(Error.Ok, _peer.CreateServer(81));
        Assert.Equal("", _peer.LastErrorText);
        Assert.Equal(TimeSpan.Zero, _runtime.Elapsed);
    }

    [Fact]
    public void A_manager_that_says_nothing_is_CantCreate_after_the_start_timeout()
    {
        _runtime.FirstEvent = null;
        Assert.Equal(Error.CantCreate, _peer.CreateServer(0));
        Assert.Equal(_runtime.StartTimeout, _runtime.Elapsed);
        Assert.NotEmpty(_peer.LastErrorText);
        _runtime.Manager.ExpectMsg<Leave>();
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());
    }

    [Fact]
    public void A_system_or_manager_that_has_ended_is_CantCreate()
    {
        _runtime.StartFailure = "terminated";
        Assert.Equal(Error.CantCreate, _peer.CreateServer(0));
        Assert.Equal("terminated", _peer.LastErrorText);
        _runtime.StartFailure = null;
        _runtime.SettingsFailure = "terminated before";
        Assert.Equal(Error.CantCreate, _peer.CreateClient("localhost", 1));
        Assert.Equal("terminated before", _peer.LastErrorText);
        _runtime.SettingsFailure = null;
        _runtime.FirstEvent = Stopped.Instance;
        Assert.Equal(Error.CantCreate, _peer.CreateMesh(4));
        Assert.NotEmpty(_peer.LastErrorText);
    }

    [Fact]
    public void What_cannot_be_right_is_InvalidParameter_and_starts_nothing()
    {
        Func<Error>[] calls =
        [
            () => _peer.CreateServer(-1), () => _peer.CreateServer(65_536), () => _peer.CreateServer(1, new ServerOptions { BindAddress = "not an address" }),
            () => _peer.CreateServer(1, new ServerOptions { MaxPeers = 0 }), () => _peer.CreateClient("", 1), () => _peer.CreateClient("a b", 1),
            () => _peer.CreateClient(null!, 1), () => _peer.CreateClient("localhost", 0), () => _peer.CreateClient("localhost", 65_536),
            () => _peer.CreateClient("localhost", 1, new ClientOptions { LocalPort = -1 }),
            () => _peer.CreateClient("localhost", 1, new ClientOptions { ApplicationData = new byte[257] }),
            () => _peer.CreateClient("localhost", 1, new ClientOptions { PinnedServerKey = "short" }),
            () => _peer.CreateMesh(0), () => _peer.CreateMesh(5, new MeshOptions { Port = 70_000 }),
        ];
        Assert.All(calls, call =>
        {
            Assert.Equal(Error.InvalidParameter, call());
            Assert.NotEmpty(_peer.LastErrorText);
        });
        Assert.Empty(_runtime.Started);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("game.example.org")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("fe80::1%2")]
    public void A_client_connects_to_names_and_addresses(string host)
    {
        _runtime.FirstEvent = null;
        Assert.Equal(Error.Ok, _peer.CreateClient(host, 9));
        Assert.Equal(new PeerRole.Client(host, 9), _runtime.Started[0].Role);
        Assert.Equal(ConnectionStatus.Connecting, _peer.GetConnectionStatus());
        Assert.Equal(0, _peer.GetUniqueId());
        Assert.False(_peer.IsServer());
        Assert.Equal(Error.Unconfigured, _peer.PutPacket([1]));
        Assert.Equal(TimeSpan.Zero, _runtime.Elapsed);
    }

    [Fact]
    public void A_client_hears_the_server_then_its_success_then_the_others()
    {
        var inside = new List<string>();
        _peer.PeerConnected += id => inside.Add($"{id}: {_peer.GetConnectionStatus()} {_peer.GetUniqueId()} {_peer.PutPacket([1])}");
        CreateClient();
        _runtime.Inbox.Post(new Listening(new IPEndPoint(IPAddress.Loopback, 5555)));
        _runtime.Inbox.Post(new PeerConnected(1));
        _runtime.Inbox.Post(new ConnectionSucceeded(42, RelaySupported: true));
        _runtime.Inbox.Post(new PeerConnected(7));
        Assert.Equal(ConnectionStatus.Connecting, _peer.GetConnectionStatus());

        _peer.Poll(TimeSpan.Zero);

        Assert.Equal(["connected 1", "succeeded", "connected 7"], _heard);
        Assert.Equal(["1: Connected 42 Ok", "7: Connected 42 Ok"], inside);
        Assert.True(_peer.IsServerRelaySupported());
        Assert.Equal(5555, _peer.LocalPort);
    }

    [Fact]
    public void A_handler_that_throws_loses_nobody_an_event()
    {
        var throws = true;
        _peer.PeerConnected += _ => { if (throws) throw new InvalidOperationException("mine"); };
        CreateClient();
        _runtime.Inbox.Post(new PeerConnected(1));
        _runtime.Inbox.Post(new ConnectionSucceeded(42, true));
        _runtime.Inbox.Post(new PeerConnected(7));

        Assert.Throws<InvalidOperationException>(() => _peer.Poll(TimeSpan.Zero));
        Assert.Equal(["connected 1"], _heard);
        Assert.Equal(42, _peer.GetUniqueId());
        Assert.Throws<InvalidOperationException>(() => _peer.Poll());
        Assert.Equal(["connected 1", "succeeded", "connected 7"], _heard);
        throws = false;
        _runtime.Inbox.Post(new PeerDisconnected(7, DisconnectInfo.Of(DisconnectReason.Timeout)));
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal("disconnected 7: Timeout", _heard[^1]);
        Assert.Empty(_runtime.Waiter.Waits);
    }

    [Fact]
    public void A_failed_attempt_leaves_the_peer_free_for_another()
    {
        CreateClient();
        _runtime.Inbox.Post(new ConnectionFailed(DisconnectInfo.Of(DisconnectReason.Full, "32 of 32")));
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(["failed: Full, Disconnected"], _heard);
        Assert.Equal("32 of 32", _peer.LastDisconnect.Text);

        CreateClient();
        _runtime.Inbox.Post(new CouldNotStart("no such host"));
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(["failed: Full, Disconnected", "failed: NoAnswer, Disconnected"], _heard);
        Assert.Equal("no such host", _peer.LastErrorText);
        Assert.Equal("no such host", _peer.LastDisconnect.Text);
        Assert.Equal(Error.Ok, _peer.CreateClient("localhost", 1));
    }

    [Fact]
    public void Packets_that_came_before_the_server_went_can_still_be_taken()
    {
        ConnectClient();
        _runtime.Inbox.Post(1, Runs.Delivered(Runs.Reliable, 2, [1], [2]), null);
        _runtime.Inbox.Post(new ServerDisconnected(DisconnectInfo.Of(DisconnectReason.ShuttingDown)));
        _runtime.Inbox.Post(Stopped.Instance);
        _peer.Poll(TimeSpan.Zero);

        Assert.Equal("server gone: ShuttingDown, Disconnected", _heard[^1]);
        Assert.Equal(0, _peer.GetUniqueId());
        Assert.Equal(2, _peer.GetAvailablePacketCount());
        Assert.Equal([1], _peer.GetPacket());
        Assert.Equal([2], _peer.GetPacket());
        Assert.Equal(Error.Unconfigured, _peer.PutPacket([1]));
        Assert.Throws<ArgumentException>(() => _peer.GetPeerStatistics(1));
        Assert.Equal(Error.Ok, _peer.CreateServer(0));
    }

    [Fact]
    public void A_client_may_reconnect_from_inside_the_handler()
    {
        ConnectClient();
        _peer.ServerDisconnected += () => CreateClient();
        _runtime.Inbox.Post(new ServerDisconnected(DisconnectInfo.None));
        var old = _runtime.Inbox;
        old.Post(new PeerConnected(99));
        _peer.Poll(TimeSpan.Zero);
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(ConnectionStatus.Connecting, _peer.GetConnectionStatus());
        Assert.NotSame(old, _runtime.Inbox);
        Assert.DoesNotContain("connected 99", _heard);
    }

    [Fact]
    public void Poll_waits_a_second_for_the_first_event_and_takes_what_is_there()
    {
        ConnectServer(5);
        _heard.Clear();
        _peer.Poll();
        Assert.Equal([TimeSpan.FromSeconds(1)], _runtime.Waiter.Waits);

        _runtime.Waiter.Meanwhile = inbox =>
        {
            inbox.Post(new PeerConnected(6));
            inbox.Post(6, Runs.Delivered(Runs.Reliable, 1, [6]), null);
        };
        _peer.Poll(TimeSpan.FromMilliseconds(20));
        Assert.Equal(["connected 6"], _heard);
        Assert.Equal(6, _peer.GetPacketPeer());
        Assert.Equal(TimeSpan.FromMilliseconds(20), _runtime.Waiter.Waits[^1]);
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(2, _runtime.Waiter.Waits.Count);
    }

    [Fact]
    public void Nothing_changes_outside_Poll()
    {
        ConnectServer(5);
        _runtime.Inbox.Post(new PeerDisconnected(5, DisconnectInfo.None));
        _runtime.Inbox.Post(5, Runs.Delivered(Runs.Reliable, 1, [6]), null);
        Assert.Equal(0, _peer.GetAvailablePacketCount());
        Assert.Equal(["connected 5"], _heard);
        _peer.SetTargetPeer(5);
        Assert.Equal(Error.Ok, _peer.PutPacket([1]));
    }

    [Fact]
    public void An_inactive_peer_polls_without_waiting()
    {
        _peer.Poll();
        Assert.Empty(_runtime.Waiter.Waits);
        Assert.Equal(0, _peer.LocalPort);
        Assert.Null(_peer.LocalEndPoint);
        Assert.False(_peer.IsServer());
        Assert.False(_peer.IsServerRelaySupported());
        _peer.Close();
        _peer.DisconnectPeer(1);
        Assert.Equal(Error.Unconfigured, _peer.PutPacket([1]));
        Assert.Equal(Error.Ok, _peer.PutPacket([]));
        Assert.Equal(Error.Unconfigured, _peer.AddMeshPeer(3, "localhost", 1));
    }

    [Theory]
    [InlineData(0, 0, Error.Ok)]
    [InlineData(5, 5, Error.Ok)]
    [InlineData(-5, -5, Error.Ok)]
    [InlineData(-1, 0, Error.Ok)]
    [InlineData(1, 0, Error.InvalidParameter)]
    [InlineData(99, 0, Error.InvalidParameter)]
    [InlineData(-99, 0, Error.InvalidParameter)]
    [InlineData(int.MinValue, 0, Error.InvalidParameter)]
    public void Targets_of_a_server(int target, int sentTo, Error expected)
    {
        ConnectServer(5, 6);
        CheckTarget(target, sentTo, expected);
    }

    [Theory]
    [InlineData(0, 0, Error.Ok)]
    [InlineData(1, 1, Error.Ok)]
    [InlineData(-1, -1, Error.Ok)]
    [InlineData(7, 7, Error.Ok)]
    [InlineData(-7, -7, Error.Ok)]
    [InlineData(-42, 0, Error.Ok)]
    [InlineData(42, 0, Error.InvalidParameter)]
    [InlineData(99, 0, Error.InvalidParameter)]
    [InlineData(-99, 0, Error.InvalidParameter)]
    public void Targets_of_a_client(int target, int sentTo, Error expected)
    {
        ConnectClient();
        _runtime.Inbox.Post(new PeerConnected(7));
        _peer.Poll(TimeSpan.Zero);
        CheckTarget(target, sentTo, expected);
    }

    [Fact]
    public void Channel_and_mode_are_those_at_the_time_of_the_put()
    {
        ConnectServer(5);
        _peer.PutPacket([1]);
        _peer.TransferChannel = 254;
        _peer.TransferMode = TransferMode.Unreliable;
        _peer.PutPacket([2]);
        var runs = Runs.Drain(_runtime.Outbox);
        Assert.Equal([new SequenceKey(0, TransferMode.Reliable), new SequenceKey(254, TransferMode.Unreliable)], runs.Select(run => run.Key));
    }

    [Fact]
    public void The_manager_is_told_once_for_a_burst()
    {
        ConnectServer(5);
        for (var i = 0; i < 100; i++)
            Assert.Equal(Error.Ok, _peer.PutPacket([1]));
        _runtime.Manager.ExpectMsg<Doorbell>();
        Runs.Drain(_runtime.Outbox);
        _peer.PutPacket([1]);
        _peer.Close();
        _runtime.Manager.ExpectMsg<Doorbell>();
        _runtime.Manager.ExpectMsg<Leave>();
    }

    [Fact]
    public void A_payload_over_the_limit_is_out_of_memory()
    {
        ConnectServer(5);
        Assert.Equal(Error.OutOfMemory, _peer.PutPacket(new byte[100_001]));
        Assert.Equal(Error.Ok, _peer.PutPacket(new byte[100_000]));
    }

    [Fact]
    public void A_queue_has_no_more_room_while_what_is_to_fill_it_is_on_its_way()
    {
        var (gauge, run) = TakeOneOnItsWay();
        Assert.Equal(Error.Busy, PutTo(5, 600));
        Assert.Equal(Error.Busy, PutTo(0, 600));

        _runtime.Outbox.BeginRouting();
        gauge.Add(run.Bytes.Length);
        _runtime.Outbox.Routed(run);
        Assert.Equal(Error.Busy, PutTo(5, 600));
        Assert.Equal(Error.Ok, PutTo(5, 300));
    }

    [Fact]
    public void What_is_being_routed_just_now_makes_nobody_busy()
    {
        var (gauge, run) = TakeOneOnItsWay();
        _runtime.Outbox.BeginRouting();
        gauge.Add(run.Bytes.Length);

        // In the queue already, and pending still: whoever puts waits until it is known.
        var put = Error.Failed;
        var putter = new Thread(() => put = PutTo(5, 300)) { IsBackground = true };
        putter.Start();
        Assert.True(SpinWait.SpinUntil(() => !putter.IsAlive || putter.ThreadState.HasFlag(ThreadState.WaitSleepJoin), TimeSpan.FromSeconds(60)));
        _runtime.Outbox.Routed(run);
        putter.Join();
        Assert.Equal(Error.Ok, put);
    }

    [Fact]
    public void A_full_queue_is_busy_and_nothing_is_queued()
    {
        var (full, empty) = (new PeerGauge(1000), new PeerGauge(1_000_000));
        _peer.CreateServer(0);
        _runtime.Inbox.Post(new PeerConnected(5) { Gauge = full });
        _runtime.Inbox.Post(new PeerConnected(6) { Gauge = empty });
        _peer.Poll(TimeSpan.Zero);
        full.Add(950);

        Assert.Equal(Error.Busy, PutTo(5, 100));
        Assert.Equal(Error.Busy, PutTo(0, 100));
        Assert.Equal(Error.Busy, PutTo(-6, 100));
        Assert.Equal(Error.Busy, _peer.GetPacketError());
        Assert.Equal(0, _runtime.Outbox.PendingBytes);
        Assert.Equal(Error.Ok, PutTo(6, 10));
        Assert.Equal(Error.Ok, PutTo(-5, 10));
        Assert.Equal(Error.Ok, PutTo(5, 10));
        full.Remove(950);
        Assert.Equal(Error.Ok, PutTo(0, 100));
        Assert.Equal(Error.Ok, PutTo(5, 100));
    }

    [Fact]
    public void Everything_a_client_sends_rides_on_the_servers_gauge()
    {
        var gauge = new PeerGauge(1000);
        ConnectClient(gauge);
        _runtime.Inbox.Post(new PeerConnected(7));
        _peer.Poll(TimeSpan.Zero);
        gauge.Add(990);
        Assert.All([0, 1, -1, 7, -7], target => Assert.Equal(Error.Busy, PutTo(target, 20)));
        gauge.Remove(990);
        Assert.All([0, 1, -1, 7, -7], target => Assert.Equal(Error.Ok, PutTo(target, 20)));
        Assert.Equal(Error.Busy, PutTo(0, 900));
    }

    [Fact]
    public void Statistics_are_those_that_the_connection_published()
    {
        var gauge = new PeerGauge(1000);
        ConnectClient(gauge);
        _runtime.Inbox.Post(new PeerConnected(7));
        _peer.Poll(TimeSpan.Zero);
        gauge.Statistics = new PeerStatistics { RoundTripMs = 12.5 };
        Assert.Equal(12.5, _peer.GetPeerStatistics(1).RoundTripMs);
        Assert.Same(PeerStatistics.Empty, _peer.GetPeerStatistics(7));
        Assert.Throws<ArgumentException>(() => _peer.GetPeerStatistics(8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_server_disconnects_a_peer_and_hears_of_it_in_a_poll(bool force)
    {
        ConnectServer(5);
        _peer.DisconnectPeer(5, force);
        Assert.Equal(new Kick(5, force), _runtime.Manager.ExpectMsg<Kick>());
        Assert.Equal(["connected 5"], _heard);
        _runtime.Inbox.Post(5, Runs.Delivered(Runs.Reliable, 1, [9]), null);
        _runtime.Inbox.Post(new PeerDisconnected(5, DisconnectInfo.Of(DisconnectReason.Kicked)));
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(["connected 5", "disconnected 5: Kicked"], _heard);
        Assert.Equal([9], _peer.GetPacket());
    }

    [Fact]
    public void Disconnecting_somebody_who_is_not_there_does_nothing()
    {
        ConnectServer(5);
        _peer.DisconnectPeer(6);
        _peer.DisconnectPeer(1);
        _peer.DisconnectPeer(5);
        Assert.Equal(5, _runtime.Manager.ExpectMsg<Kick>().Peer);
    }

    [Fact]
    public void A_client_that_disconnects_the_server_closes()
    {
        ConnectClient();
        _runtime.Inbox.Post(new PeerConnected(7));
        _peer.Poll(TimeSpan.Zero);
        _peer.DisconnectPeer(7);
        Assert.Equal(ConnectionStatus.Connected, _peer.GetConnectionStatus());
        _peer.DisconnectPeer(1);
        _runtime.Manager.ExpectMsg<Leave>();
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());
    }

    [Fact]
    public void Refusing_is_told_to_the_manager_and_to_the_next_one()
    {
        _peer.RefuseNewConnections = true;
        _peer.CreateServer(0);
        Assert.True(_runtime.Manager.ExpectMsg<RefuseNewConnections>().Refuse);
        _peer.RefuseNewConnections = true;
        _peer.RefuseNewConnections = false;
        Assert.False(_runtime.Manager.ExpectMsg<RefuseNewConnections>().Refuse);
    }

    [Fact]
    public void Close_is_silent_and_the_peer_can_be_created_again()
    {
        ConnectServer(5);
        _runtime.Inbox.Post(5, Runs.Delivered(Runs.Reliable, 1, [9]), null);
        _peer.Poll(TimeSpan.Zero);
        _runtime.Inbox.Post(new PeerDisconnected(5, DisconnectInfo.None));
        _heard.Clear();

        _peer.Close();

        Assert.Empty(_heard);
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());
        Assert.Equal(0, _peer.GetUniqueId());
        Assert.Equal(0, _peer.GetAvailablePacketCount());
        Assert.Equal(DisconnectReason.Closed, _runtime.Manager.ExpectMsg<Leave>().Info.Reason);
        Assert.Equal(Error.Ok, _peer.CreateMesh(9));
        Assert.Equal(9, _peer.GetUniqueId());
        Assert.Equal(TimeSpan.Zero, _runtime.Elapsed);
    }

    [Fact]
    public void Close_does_not_wait_for_ever()
    {
        _runtime.AnswersLeave = false;
        ConnectServer(5);
        _peer.Close();
        Assert.Equal(_runtime.CloseTimeout, _runtime.Elapsed);
        Watch(_runtime.Manager.Ref);
        ExpectTerminated(_runtime.Manager.Ref);
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());
    }

    [Fact]
    public void A_manager_that_never_rests_cannot_keep_Poll()
    {
        ConnectServer(5);
        var id = 100;
        _peer.PeerConnected += _ => _runtime.Inbox.Post(new PeerConnected(id++));
        _runtime.Inbox.Post(new PeerConnected(id++));
        _peer.Poll();
        Assert.Equal(["connected 5", "connected 100"], _heard);
    }

    [Fact]
    public void A_manager_that_never_rests_cannot_keep_Close()
    {
        _runtime.AnswersLeave = false;
        ConnectServer(5);
        _runtime.Waiter.Meanwhile = inbox =>
        {
            _runtime.Pass(TimeSpan.FromSeconds(1));
            inbox.Post(new PeerConnected(6));
        };
        _peer.Close();
        Assert.Equal(_runtime.CloseTimeout, _runtime.Elapsed);
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());
    }

    [Fact]
    public void An_actor_may_poll_without_waiting()
    {
        CreateClient();
        _runtime.Inbox.Post(new PeerConnected(1));
        _runtime.Inbox.Post(new ConnectionSucceeded(42, true));
        var actor = Sys.ActorOf(Props.Create(() => new Poller(_peer)));
        actor.Tell("poll", TestActor);
        ExpectMsg(42);
        Assert.Equal(["connected 1", "succeeded"], _heard);
    }

    [Fact]
    public void Dispose_closes_in_silence_and_frees_the_runtime()
    {
        ConnectServer(5);
        _runtime.Inbox.Post(new PeerDisconnected(5, DisconnectInfo.None));
        _heard.Clear();
        _peer.Dispose();
        Assert.Empty(_heard);
        Assert.True(_runtime.IsDisposed);
        _runtime.Manager.ExpectMsg<Leave>();
        Assert.Throws<ObjectDisposedException>(() => _peer.CreateServer(1));
        Assert.Throws<ObjectDisposedException>(() => _peer.CreateClient("localhost", 1));
        Assert.Throws<ObjectDisposedException>(() => _peer.CreateMesh(2));
        Assert.Throws<ObjectDisposedException>(() => _peer.AddMeshPeer(2, "localhost", 1));
    }

    [Fact]
    public void Closing_inside_a_handler_ends_the_poll()
    {
        ConnectServer(5);
        _peer.PeerConnected += _ => _peer.Close();
        _runtime.Inbox.Post(new PeerConnected(6));
        _runtime.Inbox.Post(new PeerConnected(7));
        _peer.Poll();
        Assert.Equal(["connected 5", "connected 6"], _heard);
    }

    [Fact]
    public void A_mesh_peer_is_connected_at_once_and_dials_others()
    {
        Assert.Equal(Error.Ok, _peer.CreateMesh(9, new MeshOptions { Port = 33, BindAddress = "::1" }));
        Assert.Equal(new PeerRole.Mesh(9, new IPEndPoint(IPAddress.IPv6Loopback, 33)), _runtime.Started[0].Role);
        Assert.Equal(ConnectionStatus.Connected, _peer.GetConnectionStatus());
        Assert.False(_peer.IsServer());
        Assert.False(_peer.IsServerRelaySupported());
        Assert.Equal(Error.InvalidParameter, _peer.AddMeshPeer(9, "localhost", 1));
        Assert.Equal(Error.InvalidParameter, _peer.AddMeshPeer(0, "localhost", 1));
        Assert.Equal(Error.InvalidParameter, _peer.AddMeshPeer(4, "localhost", 0));
        Assert.Equal(Error.Ok, _peer.AddMeshPeer(4, "localhost", 1));
        Assert.Equal(new AddMeshPeer(4, "localhost", 1), _runtime.Manager.ExpectMsg<AddMeshPeer>());
        _runtime.Inbox.Post(new PeerConnected(4));
        _peer.Poll();
        Assert.Equal(Error.AlreadyInUse, _peer.AddMeshPeer(4, "localhost", 1));
        CheckTarget(-9, 0, Error.Ok);
        CheckTarget(4, 4, Error.Ok);
        CheckTarget(9, 0, Error.InvalidParameter);
    }

    [Fact]
    public void When_the_manager_stops_by_itself_everybody_has_gone()
    {
        ConnectServer(5, 6);
        _heard.Clear();
        _peer.PeerDisconnected += _ => throw new InvalidOperationException("mine");
        _runtime.Inbox.Post(Stopped.Instance);
        _peer.Poll(TimeSpan.Zero);
        Assert.Throws<InvalidOperationException>(() => _peer.Poll(TimeSpan.Zero));
        Assert.Throws<InvalidOperationException>(() => _peer.Poll(TimeSpan.Zero));
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(["disconnected 5: ShuttingDown", "disconnected 6: ShuttingDown"], _heard.Order());
        Assert.Equal(ConnectionStatus.Disconnected, _peer.GetConnectionStatus());
        Assert.Equal(Error.Ok, _peer.CreateServer(0));
    }

    [Fact]
    public void When_a_clients_manager_stops_by_itself_the_server_is_gone_or_the_attempt_failed()
    {
        ConnectClient();
        _heard.Clear();
        _runtime.Inbox.Post(Stopped.Instance);
        _peer.Poll(TimeSpan.Zero);
        CreateClient();
        _runtime.Inbox.Post(Stopped.Instance);
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(["server gone: ShuttingDown, Disconnected", "failed: ShuttingDown, Disconnected"], _heard);
    }

    [Fact]
    public void A_new_session_on_a_fixed_port_waits_until_the_last_one_has_freed_it()
    {
        ConnectClient();
        var old = _runtime.Inbox;
        old.Post(new ServerDisconnected(DisconnectInfo.None));
        _peer.Poll(TimeSpan.Zero);
        _runtime.Waiter.Meanwhile = inbox => old.Post(Stopped.Instance);
        Assert.Equal(Error.Ok, _peer.CreateClient("localhost", 1, new ClientOptions { LocalPort = 5000 }));
        Assert.Equal([_runtime.CloseTimeout], _runtime.Waiter.Waits);
    }

    [Fact]
    public void Credit_returns_to_the_connection_as_packets_are_taken()
    {
        ConnectServer(5);
        var credit = new PacketQueueTests.CreditLog();
        _runtime.Inbox.Post(5, Runs.Delivered(Runs.Reliable, 17, [1], [2]), credit);
        _peer.Poll(TimeSpan.Zero);
        _peer.GetPacket();
        Assert.Empty(credit.Returned);
        _peer.GetPacket();
        Assert.Equal([17], credit.Returned);
    }

    [Fact]
    public void A_generated_id_is_none_of_the_connected()
    {
        ConnectServer(5);
        Assert.InRange(_peer.GenerateUniqueId(), 2, int.MaxValue);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Putting_a_packet_allocates_nothing_to_speak_of(int target)
    {
        ConnectServer(5, 6);
        var runs = new List<Run>();
        var payload = new byte[32];
        _peer.SetTargetPeer(target);
        using var pooled = WatchedMemory.Paused();
        Put(20_000);

        // The pool is everybody's: what the tests that run beside this one have just taken from it is made anew, whoever asks next.
        Assert.Contains(Enumerable.Range(0, 20).Select(_ => AllocatedBy(20_000)), bytes => bytes <= 20_000);

        long AllocatedBy(int packets)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Put(packets);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Put(int packets)
        {
            for (var i = 0; i < packets; i++)
            {
                if (_peer.PutPacket(payload.AsSpan()) != Error.Ok)
                    throw new InvalidOperationException("refused");
                if (i % 1000 != 999)
                    continue;
                _runtime.Outbox.Drain(runs);
                foreach (var run in runs)
                {
                    _runtime.Outbox.BeginRouting();
                    _runtime.Outbox.Routed(run);
                    run.Release();
                }

                runs.Clear();
            }
        }
    }

    [Fact]
    public void Taking_a_packet_allocates_nothing_to_speak_of()
    {
        ConnectServer(5);
        var run = Runs.Delivered(Runs.Reliable, 5, Enumerable.Range(0, 100).Select(_ => new byte[32]).ToArray());
        Take(10_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Take(100_000);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);

        void Take(int packets)
        {
            for (var i = 0; i < packets; i += run.Messages * 10)
            {
                for (var j = 0; j < 10; j++)
                    _runtime.Inbox.Post(5, run, null);
                _peer.Poll(TimeSpan.Zero);
                var bytes = 0;
                while (_peer.TryGetPacket(out var packet))
                    bytes += packet.Payload.Length + (_peer.GetPacketPeer() - 5);
                if (bytes != run.Messages * 320)
                    throw new InvalidOperationException("lost");
            }
        }
    }

    private void CreateClient()
    {
        _runtime.FirstEvent = null;
        Assert.Equal(Error.Ok, _peer.CreateClient("localhost", 4433));
        _runtime.FirstEvent = new Listening(new IPEndPoint(IPAddress.Loopback, 4433));
    }

    private void ConnectClient(PeerGauge? gauge = null)
    {
        CreateClient();
        _runtime.Inbox.Post(new PeerConnected(1) { Gauge = gauge });
        _runtime.Inbox.Post(new ConnectionSucceeded(42, true));
        _peer.Poll(TimeSpan.Zero);
    }

    private void ConnectServer(params int[] peers)
    {
        Assert.Equal(Error.Ok, _peer.CreateServer(0));
        foreach (var id in peers)
            _runtime.Inbox.Post(new PeerConnected(id) { Gauge = new PeerGauge(1_000_000_000) });
        _peer.Poll(TimeSpan.Zero);
    }

    /// <summary>A server puts 600 bytes for peer 5, whose queue holds a thousand, and the manager has taken them.</summary>
    private (PeerGauge Gauge, Run Run) TakeOneOnItsWay()
    {
        var gauge = new PeerGauge(1000);
        _peer.CreateServer(0);
        _runtime.Inbox.Post(new PeerConnected(5) { Gauge = gauge });
        _peer.Poll(TimeSpan.Zero);
        Assert.Equal(Error.Ok, PutTo(5, 600));
        var taken = new List<Run>();
        _runtime.Outbox.Drain(taken);
        return (gauge, Assert.Single(taken));
    }

    private Error PutTo(int target, int bytes)
    {
        _peer.SetTargetPeer(target);
        return _peer.PutPacket(new byte[bytes]);
    }

    private void CheckTarget(int target, int sentTo, Error expected)
    {
        Assert.Equal(expected, PutTo(target, 3));
        var runs = Runs.Drain(_runtime.Outbox);
        if (expected == Error.Ok)
            Assert.Equal(sentTo, Assert.Single(runs).Peer);
        else
            Assert.Empty(runs);
    }

    private sealed class Poller : ReceiveActor
    {
        public Poller(MultiplayerPeer peer) => ReceiveAny(_ =>
        {
            peer.Poll(TimeSpan.Zero);
            peer.PutPacket([1]);
            Sender.Tell(peer.GetUniqueId());
        });
    }
}
