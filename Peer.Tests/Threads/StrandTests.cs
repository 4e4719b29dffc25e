using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Dispatch;
using Peer.Actors;
using Peer.Actors.Threads;

namespace Peer.Tests.Threads;

public sealed class StrandTests : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly Clock _clock = new(TimeProvider.System);
    private readonly Strand _strand;

    public StrandTests() => _strand = new Strand("strand under test", _clock, _failures.Enqueue);

    [Fact]
    public void What_many_threads_post_runs_one_at_a_time_and_all_of_it()
    {
        const int threads = 8;
        const int each = 2000;
        var inside = 0;
        var overlaps = 0;
        var count = 0;
        using var done = new ManualResetEventSlim();
        var posters = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < each; i++)
            {
                _strand.Execute(new Work(() =>
                {
                    if (++inside != 1)
                        overlaps++;
                    count++;
                    inside--;
                    if (count == threads * each)
                        done.Set();
                }));
                if (i % 64 == 0 && _strand.TryEnter())
                    _strand.Exit();
            }
        })).ToList();
        posters.ForEach(thread => thread.Start());
        posters.ForEach(thread => thread.Join());

        Assert.True(done.Wait(Patience));
        Assert.Equal(threads * each, count);
        Assert.Equal(0, overlaps);
    }

    [Fact]
    public void What_a_caller_sets_off_runs_on_his_thread_before_he_leaves()
    {
        var ran = new List<int>();
        Assert.True(_strand.TryEnter());
        _strand.Execute(new Work(() =>
        {
            ran.Add(Environment.CurrentManagedThreadId);
            _strand.Execute(new Work(() => ran.Add(Environment.CurrentManagedThreadId)));
        }));
        Assert.Empty(ran);
        _strand.Exit();
        Assert.Equal([Environment.CurrentManagedThreadId, Environment.CurrentManagedThreadId], ran);
    }

    [Fact]
    public void Only_one_thread_is_inside_and_nobody_is_twice()
    {
        Assert.True(_strand.TryEnter());
        Assert.False(_strand.TryEnter());
        var other = new Strand("another", _clock, _failures.Enqueue);
        Assert.False(other.TryEnter(), "a thread works for one strand at a time");
        var elsewhere = true;
        var thread = new Thread(() => elsewhere = _strand.TryEnter());
        thread.Start();
        thread.Join();
        Assert.False(elsewhere);
        _strand.Exit();
        Assert.True(other.TryEnter());
        other.Exit();
        other.Stop();
    }

    [Fact]
    public void What_was_told_quietly_waits_for_whoever_comes_next()
    {
        var target = new Poster(_strand);
        Strand.TellQuietly(target, "something");
        Assert.Equal(0, target.Ran);
        Assert.True(_strand.TryEnter());
        _strand.Exit();
        Assert.Equal(Environment.CurrentManagedThreadId, target.Ran);
    }

    [Fact]
    public void A_failure_that_no_supervisor_saw_is_reported_and_the_rest_goes_on()
    {
        var ran = false;
        Assert.True(_strand.TryEnter());
        _strand.Execute(new Work(() => throw new InvalidOperationException("as planned")));
        _strand.Execute(new Work(() => ran = true));
        _strand.Exit();
        Assert.Equal("as planned", Assert.Single(_failures).Message);
        Assert.True(ran);
    }

    [Fact]
    public void Deadlines_are_told_in_order_of_time_wherever_they_have_moved_and_one_that_was_called_off_is_not()
    {
        var now = _clock.Now;
        Schedule("second", now + 30_000);
        Schedule("never", now + 20_000).Cancel();
        _strand.Schedule(Schedule("third", now + 5_000), now + 40_000);
        Schedule("first", now + 10_000);
        _strand.Start();
        ExpectMsg("first", Patience);
        ExpectMsg("second", Patience);
        ExpectMsg("third", Patience);
        Assert.True(_clock.Now >= now + 40_000);
    }

    private StrandDeadline Schedule(string message, long at)
    {
        var deadline = new StrandDeadline(TestActor, message);
        _strand.Schedule(deadline, at);
        return deadline;
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _strand.Stop();
    }

    private sealed class Work(Action action) : IRunnable
    {
        public void Run() => action();

        public void Execute() => action();
    }

    /// <summary>Stands for an actor on the strand: its mailbox is posted when it is told something.</summary>
    private sealed class Poster(Strand strand) : MinimalActorRef
    {
        public int Ran { get; private set; }

        public override ActorPath Path => new RootActorPath(Address.AllSystems) / "poster";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        protected override void TellInternal(object message, IActorRef sender) =>
            strand.Execute(new Work(() => Ran = Environment.CurrentManagedThreadId));
    }
}
