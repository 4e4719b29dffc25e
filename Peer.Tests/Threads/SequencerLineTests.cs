using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Peer.Actors;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Threads;

/// <summary>A connection's way to a sequencer, on one thread: messages first, calls as soon as none is left.</summary>
public sealed class SequencerLineTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly SequenceKey Key = new(3, TransferMode.Reliable);

    private readonly List<OutboundFrame> _called = [];
    private readonly TestProbe _connection;
    private readonly SequencerLine _line = new(isShared: true);

    public SequencerLineTests()
        : base(ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(Peer.Actors.ActorPeer.DefaultConfig))
    {
        _connection = CreateTestProbe();
        var runtime = Peer.Actors.ActorPeer.Get(Sys).Runtime;
        var member = new Member(1, new PeerGauge(1 << 20), 1 << 20);
        var budgets = new InboundBudgets(new ByteBudget(1 << 20), new ByteBudget(1 << 20), new ByteBudget(1 << 20));
        var props = Sequencer.Props(Key, member, _connection, runtime, budgets, _line).WithDispatcher(CallingThreadDispatcher.Id);
        _line.Actor = _connection.ChildActorOf(props, "sequencer", new OneForOneStrategy(_ => Directive.Stop));
    }

    [Fact]
    public void What_is_told_and_what_is_called_makes_one_sequence()
    {
        Submit(2);
        var told = _connection.ExpectMsg<FramesReady>().Items.ToList();
        Assert.Empty(_called);
        Submit(1);
        Submit(3);
        _connection.ExpectNoMsg(TimeSpan.Zero);
        Assert.Equal(Enumerable.Range(0, told.Count + _called.Count).Select(i => (long)i), told.Concat(_called).Select(frame => frame.Sequence - told[0].Sequence));
        Assert.True(_called.Count >= 2);
    }

    [Fact]
    public void A_call_does_not_overtake_what_was_told()
    {
        Submit(1);
        _connection.ExpectMsg<FramesReady>();
        _line.Tell(Flush.Instance);
        Submit(1);
        Assert.Single(_called);
        _line.Release(Done(_called), []);
        _connection.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_call_that_fails_ends_the_sequencer_and_not_the_caller()
    {
        Submit(1);
        _connection.ExpectMsg<FramesReady>();
        _connection.Watch(_line.Actor);
        var runs = Runs(1);
        _line.Submit(runs, null!);
        _connection.ExpectTerminated(_line.Actor);
        Submit(1);
        Assert.Empty(_called);
    }

    private static SubmitRuns Runs(int messages)
    {
        var writer = new RunWriter(Key, null);
        for (var i = 0; i < messages; i++)
            writer.Append([1, 2, 3]);
        var runs = SubmitRuns.For(Key, []);
        runs.Items.Add(writer.Take());
        return runs;
    }

    private static FramesDone Done(IEnumerable<OutboundFrame> frames)
    {
        var done = FramesDone.For(Key, []);
        done.Items.AddRange(frames);
        return done;
    }

    private void Submit(int messages) => _line.Submit(Runs(messages), _called);
}
