using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Facade;
using Peer.Actors.Threads;
using Peer.Actors.Transport;
using Peer.Tests.Transport;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.Tests.Threads;

/// <summary>A caller who polls and his strand, over one real socket.</summary>
public sealed class LeadTests : TransportFixture
{
    private const ulong Id = 42;

    private readonly Inbox _inbox = new(TimeProvider.System);
    private readonly ConcurrentQueue<int> _readers = new();
    private Lead? _lead;

    [Fact]
    public async Task The_thread_that_waits_reads_the_socket_itself()
    {
        var (to, client) = await Connect();
        var sender = new Thread(() =>
        {
            // Before the one who waits sleeps, the socket may be the strand's still.
            while (_lead!.Sleeps == 0)
                Thread.Yield();
            client.SendTo(Sealed(Id), to);
        }) { IsBackground = true };
        sender.Start();
        Assert.True(_lead!.Wait(_inbox, Patience));
        Assert.Equal([Environment.CurrentManagedThreadId], _readers.ToArray());
        sender.Join();
    }

    [Fact]
    public async Task A_poll_without_a_wait_reads_what_is_there()
    {
        var (to, client) = await Connect();
        using var patience = new CancellationTokenSource(Patience);
        int ReadHere() => _readers.Count(thread => thread == Environment.CurrentManagedThreadId);
        for (var before = ReadHere(); ReadHere() == before;)
        {
            // A caller from whom the system takes the processor for a few milliseconds here is away, and the strand reads for him; then he tries again.
            Assert.False(patience.IsCancellationRequested, "whoever polls reads nothing");
            _lead!.Wait(_inbox, TimeSpan.FromMilliseconds(1));
            before = ReadHere();
            client.SendTo(Sealed(Id), to);
            _lead.Help();
        }

        Assert.True(_inbox.Count > 0);
    }

    [Fact]
    public async Task Whoever_stays_away_finds_that_the_strand_has_read_for_him()
    {
        var (to, client) = await Connect();
        Assert.False(_lead!.Wait(_inbox, TimeSpan.FromMilliseconds(5)));
        client.SendTo(Sealed(Id), to);
        Assert.True(_inbox.Wait(Patience));
        Assert.DoesNotContain(Environment.CurrentManagedThreadId, _readers);
    }

    [Fact]
    public async Task A_post_from_elsewhere_ends_the_wait()
    {
        await Connect();
        using var posted = new Timer(_ => _inbox.Post(Stopped.Instance), null, TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);
        Assert.True(_lead!.Wait(_inbox, Patience));
        Assert.True(_inbox.TryTake(out var item));
        Assert.IsType<Stopped>(item.Event);
        Assert.False(_lead.Wait(_inbox, TimeSpan.FromMilliseconds(5)), "the next wait is not cut short by the last signal");
    }

    [Fact]
    public async Task A_signal_without_news_is_heard_once()
    {
        await Connect();
        Assert.False(_lead!.Wait(_inbox, TimeSpan.FromMilliseconds(5)));
        _lead.Interrupt();
        var before = _lead.Sleeps;
        Assert.False(_lead.Wait(_inbox, TimeSpan.FromMilliseconds(50)));
        Assert.InRange(_lead.Sleeps - before, 1, 10);
    }

    [Fact]
    public async Task A_wait_ends_when_its_time_is_over()
    {
        await Connect();
        var clock = new Clock(TimeProvider.System);
        var start = clock.Now;
        Assert.False(_lead!.Wait(_inbox, TimeSpan.FromMilliseconds(30)));
        Assert.True(clock.Now - start >= 30_000);
    }

    internal override Props TransportProps(ActorSystem system, TransportSettings settings, IPEndPoint bind, IngressGauge? strangers = null)
    {
        var runtime = Peer.Actors.ActorPeer.Get(system).Runtime.ForManager();
        _lead = runtime.Lead;
        return (runtime with { Settings = runtime.Settings with { Transport = settings } }).Transport(bind, Counters, new IngressGauge());
    }

    private async Task<(IPEndPoint To, Socket Client)> Connect()
    {
        var (transport, up) = await StartUp();
        transport.Tell(new Register(Id, new Connection(this), new IngressGauge()));
        return (up.Local, Client());
    }

    /// <summary>Stands for a connection: notes which thread tells it, and posts.</summary>
    private sealed class Connection(LeadTests test) : MinimalActorRef
    {
        public override ActorPath Path => new RootActorPath(Address.AllSystems) / "connection";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender)
        {
            test._readers.Enqueue(Environment.CurrentManagedThreadId);
            test._inbox.Post(Stopped.Instance);
        }
    }
}
