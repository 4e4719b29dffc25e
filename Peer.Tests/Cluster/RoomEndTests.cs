using System.Net;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.TestKit;
using Peer.Actors;
using Peer.Cluster;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;
using Peer.Cluster.Settings;
using Peer.Protocol;

namespace Peer.Tests.Cluster;

/// <summary>Questions that meet a room which is no more. One actor is shard, region and asker, so that it hears in order what a room tells them.</summary>
public sealed class RoomEndTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly FindRoom Question = new("hall");

    /// <summary>On a machine that stands still nothing is overdue.</summary>
    private static readonly Config Unhurried = ConfigurationFactory.ParseString("""
        actorpeer.cluster { advertise = "127.0.0.1", rooms { claim-timeout = 10m, open-timeout = 10m, move-timeout = 10m, empty-after = 10m } }
        """).WithFallback(PeerCluster.DefaultConfig);

    private readonly TestProbe _host;
    private readonly TestProbe _others;

    public RoomEndTests()
        : base(ConfigurationFactory.ParseString("akka { loglevel = OFF, log-dead-letters = off, log-dead-letters-during-shutdown = off, test.single-expect-default = 60s }"))
    {
        _host = CreateTestProbe();
        _others = CreateTestProbe();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whoever_asks_for_a_room_that_has_just_closed_is_handed_on_to_the_next_one(bool isShardMoving)
    {
        var room = Open();
        room.Tell(new CloseRoom("over"));
        room.Tell(new RoomSaved(default));
        room.Tell(Question, _others.Ref);
        var done = _others.ExpectMsg<Passivate>().StopMessage;
        room.Tell(isShardMoving ? RoomStop.Instance : done);

        Assert.Equal(Question, _others.ExpectMsg<FindRoom>());
        Assert.Equal(_others.Ref, _others.Sender);
    }

    [Fact]
    public void A_shard_hears_of_a_refusal_before_those_who_may_ask_again()
    {
        var room = Make();
        room.Tell(Question, _others.Ref);
        room.Tell(new ClaimRefused("this node is full"));

        _host.ExpectMsg<RoomGone>();
        _others.ExpectMsg<Passivate>();
        _others.ExpectMsg(new RoomDenied("hall", DisconnectReason.Full, "this node is full"));

        // Whoever was on the way before the shard heard of it.
        room.Tell(Question, _others.Ref);
        _others.ExpectMsg(new RoomDenied("hall", DisconnectReason.Full, "this node is full"));
    }

    [Fact]
    public void A_room_that_may_not_open_is_refused_to_everybody()
    {
        var room = _others.ChildActorOf(RoomEntity.Props(World(static _ => false), "hall"));
        for (var time = 0; time < 2; time++)
        {
            room.Tell(Question, _others.Ref);
            _others.ExpectMsg(new RoomDenied("hall", DisconnectReason.Refusing, "there is no such room"));
        }
    }

    /// <summary>A room that is open.</summary>
    private IActorRef Open()
    {
        var room = Make();
        room.Tell(new RoomClaimed(false, default, default));
        room.Tell(RoomReady.Instance);
        _host.ExpectMsg<MakeServer>();
        room.Tell(new Listening(new IPEndPoint(IPAddress.Loopback, 7777)), CreateTestProbe().Ref);
        _host.ExpectMsg<RoomServes>();
        return room;
    }

    private IActorRef Make()
    {
        var room = _others.ChildActorOf(RoomEntity.Props(World(static _ => true), "hall"));
        _host.ExpectMsg<ClaimRoom>();
        return room;
    }

    private RoomWorld World(Func<string, bool> mayOpen)
    {
        var options = new RoomOptions { Logic = static _ => Producer<Silent>.Props(static () => new Silent()), MayOpen = mayOpen };
        return new RoomWorld(Sys, PeerClusterSettings.Parse(Unhurried, null), options) { Host = _host.Ref, Region = _others.Ref };
    }

    /// <summary>Logic that is spoken for.</summary>
    private sealed class Silent : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            // The test answers.
        }
    }
}
