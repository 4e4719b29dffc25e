using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;
using Xunit2Kit = Akka.TestKit.Xunit2.TestKit;

namespace Peer.Tests.Simulations;

/// <summary>Akka.TestKit inside a simulation: probes beside real managers, and a user's own actors under virtual time.</summary>
public sealed class ActorUserTests : IDisposable
{
    private readonly Simulation _simulation = new(12, Xunit2Kit.DefaultConfig);
    private readonly Xunit2Kit _kit;

    public ActorUserTests() => _kit = new Xunit2Kit(_simulation.System);

    [Fact]
    public void A_probe_subscribes_to_a_real_manager_and_hears_everything_in_order()
    {
        var probe = _kit.CreateTestProbe();
        var manager = _simulation.Host("server").Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, 7777)), probe);
        Assert.Equal(7777, probe.ExpectMsg<Listening>(TimeSpan.Zero).Local.Port);
        var client = Player.Join(_simulation.Host("client"), _simulation.Host("server"));
        Assert.True(_simulation.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(5)));
        var joined = probe.ExpectMsg<PeerConnected>(TimeSpan.Zero);
        Assert.Equal(client.Peer.GetUniqueId(), joined.Peer);

        client.Send(MultiplayerPeer.TargetPeerServer, 42);
        probe.ExpectNoMsg(TimeSpan.Zero);
        _simulation.RunFor(TimeSpan.FromMilliseconds(50));
        Assert.Equal(42, BitConverter.ToInt32(probe.ExpectMsg<PacketReceived>(TimeSpan.Zero).Payload.Span));

        manager.Tell(new Send(joined.Peer, BitConverter.GetBytes(43)));
        _simulation.RunFor(TimeSpan.FromMilliseconds(50));
        Assert.Equal([43], client.Got);
        _simulation.Host("client").Crash();
        _simulation.RunFor(TimeSpan.FromSeconds(30));
        Assert.Equal(joined.Peer, probe.ExpectMsg<PeerInterrupted>(TimeSpan.Zero).Peer);
        Assert.Equal(DisconnectReason.Timeout, probe.ExpectMsg<PeerDisconnected>(TimeSpan.Zero).Info.Reason);
    }

    [Fact]
    public void A_probe_hears_of_a_client()
    {
        using var world = new Simulation(seed: 12, Akka.TestKit.Xunit2.TestKit.DefaultConfig);
        using var kit = new Akka.TestKit.Xunit2.TestKit(world.System);

        var probe = kit.CreateTestProbe();
        world.Host("server").Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, 7777)), probe);
        probe.ExpectMsg<Listening>(TimeSpan.Zero);

        world.Host("client").Join(world.Host("server"), 7777);
        world.RunFor(TimeSpan.FromSeconds(1));
        probe.ExpectMsg<PeerConnected>(TimeSpan.Zero);
    }

    [Fact]
    public void The_manager_of_a_taken_port_says_so_and_ends()
    {
        var host = _simulation.Host("server");
        host.Serve(7777);
        var probe = _kit.CreateTestProbe();
        var manager = host.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, 7777)), probe);
        probe.Watch(manager);
        Assert.Contains("taken", probe.ExpectMsg<CouldNotStart>(TimeSpan.Zero).Cause, StringComparison.Ordinal);
        probe.ExpectMsg<Stopped>(TimeSpan.Zero);
        probe.ExpectTerminated(manager, TimeSpan.Zero);
    }

    [Fact]
    public void A_manager_whose_transport_fails_while_it_leaves_ends_all_the_same()
    {
        var watcher = _kit.CreateTestProbe();
        var manager = _simulation.Host("server").Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, 7777)));
        watcher.Watch(manager);
        var client = Player.Join(_simulation.Host("client"), _simulation.Host("server"));
        Assert.True(_simulation.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(5)));

        manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown)));
        _simulation.System.ActorSelection(manager.Path / "$*").Tell(Kill.Instance);
        _simulation.RunFor(TimeSpan.FromSeconds(30));
        watcher.ExpectTerminated(manager, TimeSpan.Zero);
        Assert.Contains($"out {DisconnectReason.ShuttingDown}", client.Told);
    }

    [Fact]
    public void EventFilter_finds_what_actors_log()
    {
        var actor = _simulation.System.ActorOf(Props.Create(() => new Clockwork()));
        _kit.EventFilter.Exception<InvalidOperationException>("out of order").ExpectOne(() => actor.Tell(Clockwork.Break));
        Assert.Single(_simulation.Errors);
    }

    [Fact]
    public void A_users_own_timers_run_on_virtual_time()
    {
        var clock = _simulation.System.ActorOf(Props.Create(() => new Clockwork()));
        _simulation.RunFor(TimeSpan.FromHours(1));
        clock.Tell(Clockwork.Ask, _kit.TestActor);
        Assert.Equal(60, _kit.ExpectMsg<int>(TimeSpan.Zero));
    }

    [Fact]
    public void A_users_actor_freezes_with_its_host_and_falls_with_it()
    {
        var host = _simulation.Host("server");
        var clock = host.ActorOf(Props.Create(() => new Clockwork()), "clock");
        _kit.Watch(clock);
        _simulation.RunFor(TimeSpan.FromMinutes(10));
        host.Freeze();
        clock.Tell(Clockwork.Ask, _kit.TestActor);
        _simulation.RunFor(TimeSpan.FromMinutes(10));
        _kit.ExpectNoMsg(TimeSpan.Zero);
        host.Thaw();
        Assert.Equal(10, _kit.ExpectMsg<int>(TimeSpan.Zero));
        host.Crash();
        _kit.ExpectTerminated(clock, TimeSpan.Zero);
    }

    [Fact]
    public void A_scheduled_message_is_there_when_its_time_has_passed()
    {
        _simulation.System.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(3), _kit.TestActor, "now", ActorRefs.NoSender);
        _simulation.RunFor(TimeSpan.FromSeconds(2.9));
        _kit.ExpectNoMsg(TimeSpan.Zero);
        _simulation.RunFor(TimeSpan.FromSeconds(0.1));
        _kit.ExpectMsg("now", TimeSpan.Zero);
    }

    [Fact]
    public void A_tell_from_another_thread_waits_for_the_simulations_own()
    {
        var got = new List<int>();
        var mine = _simulation.System.ActorOf(Props.Create(() => new ThreadNoter(got)));
        var here = Environment.CurrentManagedThreadId;
        _simulation.After(TimeSpan.FromSeconds(1), () =>
        {
            var other = new Thread(() => mine.Tell("from afar"));
            other.Start();
            other.Join();
        });
        _simulation.RunFor(TimeSpan.FromSeconds(2));
        Assert.Equal([here], got);
    }

    public void Dispose()
    {
        _kit.Dispose();
        _simulation.Dispose();
    }

    private sealed class ThreadNoter(List<int> threads) : UntypedActor
    {
        protected override void OnReceive(object message) => threads.Add(Environment.CurrentManagedThreadId);
    }

    private sealed class Clockwork : UntypedActor, IWithTimers
    {
        public const string Ask = "ask";
        public const string Break = "break";

        private int _minutes;

        public ITimerScheduler Timers { get; set; } = null!;

        protected override void PreStart() => Timers.StartPeriodicTimer("minute", 1, TimeSpan.FromMinutes(1));

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Ask:
                    Sender.Tell(_minutes);
                    break;
                case Break:
                    throw new InvalidOperationException("out of order");
                default:
                    _minutes++;
                    break;
            }
        }
    }
}
