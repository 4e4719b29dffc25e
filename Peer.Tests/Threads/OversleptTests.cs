using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Threads;
using Peer.Actors.Transport;
using Peer.Protocol.Delivery;
using Peer.Tests.Facade;

namespace Peer.Tests.Threads;

/// <summary>A program that was stopped for a while finds its mail and its deadlines together.</summary>
public sealed class OversleptTests
{
    private const long Second = 1_000_000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Mail_that_has_come_meanwhile_is_read_before_deadlines_are_kept(bool byCaller)
    {
        var time = new ManualTime();
        var clock = new Clock(time);
        var told = new List<object>();
        var strand = new Strand("strand that oversleeps", clock, failure => told.Add(failure));
        var lead = new Lead(strand, clock, 0);
        using var socket = Bound();
        using var sender = Bound();

        // Each datagram is a sign of life, which gives the deadline another minute.
        var silence = new StrandDeadline(new Ear(told), "too long silent");
        var router = new Router(() => strand.Schedule(silence, clock.Now + (60 * Second)));
        strand.Schedule(silence, clock.Now + Second);
        time.Advance(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 100; i++)
            sender.SendTo([(byte)i], socket.LocalEndPoint!);
        var reader = new SocketReader(socket, router, new TransportCounters(), told.Add);
        lead.Attach(reader);

        Assert.True(SpinWait.SpinUntil(
            () =>
            {
                if (byCaller)
                    lead.Help();
                return router.Delivered == 100;
            },
            TimeSpan.FromSeconds(60)));
        Assert.True(SpinWait.SpinUntil(strand.TryEnter, TimeSpan.FromSeconds(60)));
        strand.Exit();
        Assert.Empty(told);
        lead.Detach(reader);
        strand.Stop();
    }

    private static Socket Bound()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private sealed class Router(Action delivered) : IInboundRouter
    {
        private int _delivered;

        public int Delivered => Volatile.Read(ref _delivered);

        public void Register(ulong connectionId, IActorRef connection, IngressGauge gauge) => throw new NotSupportedException();

        public void Unregister(ulong connectionId) => throw new NotSupportedException();

        public void Deliver(RunBuffer owner, Memory<byte> received, IPEndPoint sender)
        {
            owner.Release();
            delivered();
            Interlocked.Increment(ref _delivered);
        }
    }

    private sealed class Ear(List<object> told) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "ear";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) => told.Add(message);
    }
}
