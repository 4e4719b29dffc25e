using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Peer.Actors;
using Peer.Cluster;
using Peer.Cluster.Hosts;
using Peer.Cluster.Listing;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;
using Peer.Tests.Facade;

namespace Peer.Tests.Cluster;

/// <summary>A node's process stands still, and then has all beats at once that it has missed. Its time passes by hand; the rooms and the hosts of other nodes are played by one actor.</summary>
[Collection(ClusterTests.Name)]
public sealed class HostPauseTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(250);

    private readonly ManualTime _time;
    private readonly IActorRef _host;

    public HostPauseTests()
        : this(new ManualTime())
    {
    }

    private HostPauseTests(ManualTime time)
        : base(BootstrapSetup.Create().WithConfig(Quick).And(new ActorPeerSetup { TimeProvider = time }))
    {
        _time = time;
        var options = new RoomOptions { Logic = static _ => Props.Empty };
        _host = Sys.ActorOf(RoomHost.Props(new RoomWorld(Sys, PeerCluster.Get(Sys).Settings, options) { Region = CreateTestProbe().Ref }), RoomHost.Name);
    }

    [Fact]
    public async Task Answers_that_have_waited_are_heard_before_a_room_opens_without_its_state()
    {
        using var other = await OtherAsync();
        Tell(new ClaimRoom("hall"));
        StandStill();

        var state = RoomState.Join([1], [2]);
        Tell(new StateOffered("hall", 1, state.Length));
        ExpectMsg<ChunkWanted>();
        Tell(new StateChunk("hall", 1, 0, state));
        var claimed = ExpectMsg<RoomClaimed>();
        Assert.Equal(new byte[] { 2 }, claimed.Logic.ToArray());
        Assert.True(claimed.IsMoved);
    }

    [Fact]
    public async Task A_node_that_is_silent_while_this_one_is_awake_is_not_waited_for()
    {
        using var other = await OtherAsync();
        Tell(new ClaimRoom("hall"));
        for (var time = Beat; time < TimeSpan.FromSeconds(3); time += Beat)
            Pass();
        Settle();
        Assert.False(HasMessages);

        Pass();
        Assert.False(ExpectMsg<RoomClaimed>().IsMoved);
    }

    [Fact]
    public void A_room_that_is_kept_for_another_node_is_still_there_after_a_pause()
    {
        Tell(new ClaimRoom("hall"));
        ExpectMsg<RoomClaimed>();
        Tell(new KeepRoom("hall", default, new byte[] { 1 }));
        ExpectMsg<RoomKept>();
        StandStill();

        Tell(new StateWanted("hall", 7));
        Assert.Equal(7, ExpectMsg<StateOffered>().Claim);
    }

    private static Config Quick { get; } = ConfigurationFactory.ParseString("""
        akka {
          loglevel = OFF
          stdout-loglevel = OFF
          loggers = ["Akka.Event.DefaultLogger"]
          log-dead-letters = off
          log-dead-letters-during-shutdown = off
          test.single-expect-default = 60s
          coordinated-shutdown { run-by-clr-shutdown-hook = off, run-by-actor-system-terminate = off, exit-clr = off }
          cluster { leader-actions-interval = 100ms, gossip-interval = 100ms }
        }
        actorpeer.dispatcher = "actorpeer.default-dispatcher"
        """).WithFallback(PeerCluster.DefaultConfig);

    /// <summary>Another node, where nobody answers. The host is told of it.</summary>
    private async Task<ActorSystem> OtherAsync()
    {
        var system = ActorSystem.Create("other", Quick);
        var cluster = Akka.Cluster.Cluster.Get(system);
        await cluster.JoinAsync(cluster.SelfAddress);
        AwaitCondition(() => cluster.SelfMember.Status == MemberStatus.Up, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(20));
        Tell(new ClusterEvent.MemberUp(cluster.SelfMember));
        return system;
    }

    private void Tell(object message) => _host.Tell(message, TestActor);

    /// <summary>A minute, in which nothing is heard.</summary>
    private void StandStill()
    {
        Settle();
        _time.Advance(TimeSpan.FromMinutes(1));
        for (var beat = 0; beat < 240; beat++)
            Tell(RoomHost.HostBeat.Instance);
    }

    /// <summary>The time until the next beat.</summary>
    private void Pass()
    {
        Settle();
        _time.Advance(Beat);
        Tell(RoomHost.HostBeat.Instance);
    }

    /// <summary>The host has heard whatever it was told.</summary>
    private void Settle()
    {
        Tell(new OccupiedWanted(1));
        ExpectMsg<OccupiedRooms>();
    }
}
