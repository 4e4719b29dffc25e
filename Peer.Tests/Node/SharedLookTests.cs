using Peer.Node.Status;
using Peer.Tests.Facade;

namespace Peer.Tests.Node;

/// <summary>What is looked for when somebody asks, and how often.</summary>
public sealed class SharedLookTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private readonly SharedLook<int> _look;
    private Func<CancellationToken, Task<int>>? _instead;
    private int _looks;

    public SharedLookTests() => _look = new SharedLook<int>(_time, Interval, -1, stopped => _instead?.Invoke(stopped) ?? Task.FromResult(Interlocked.Increment(ref _looks)));

    public void Dispose() => _look.Dispose();

    [Fact]
    public async Task Nobody_who_asks_is_no_look_and_many_who_ask_are_one_in_each_interval()
    {
        _time.Advance(100 * Interval);
        Assert.Equal(0, _looks);
        for (var i = 1; i <= 3; i++)
        {
            for (var asked = 0; asked < 5; asked++)
            {
                Assert.Equal(i, await AskAsync());
                _time.Advance(Interval / 10);
            }

            _time.Advance(Interval / 2);
        }
    }

    [Fact]
    public async Task Those_who_ask_while_a_look_is_under_way_share_it_and_one_who_goes_spoils_it_for_nobody()
    {
        var seen = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = 0;
        _instead = _ =>
        {
            Interlocked.Increment(ref begun);
            return seen.Task;
        };
        using var gone = new CancellationTokenSource();
        var (first, impatient, second) = (AskAsync(), _look.AskAsync(gone.Token), AskAsync());
        await gone.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        _time.Advance(10 * Interval);
        var third = AskAsync();
        seen.SetResult(77);
        Assert.All(await Task.WhenAll(first, second, third), answer => Assert.Equal(77, answer));
        Assert.Equal(1, begun);

        // It is as old as its end, not as its beginning: looks that take long do not follow one another without a pause.
        Assert.Equal(77, await AskAsync());
        Assert.Equal(1, begun);
    }

    [Fact]
    public async Task A_look_that_fails_leaves_what_was_seen_and_another_one_is_tried_no_sooner_than_any()
    {
        Assert.Equal(1, await AskAsync());
        _time.Advance(Interval);
        var failures = 0;
        _instead = _ =>
        {
            failures++;
            throw new InvalidOperationException("it has ended");
        };
        Assert.Equal(1, await AskAsync());
        Assert.Equal(1, await AskAsync());
        Assert.Equal(1, failures);
        _time.Advance(Interval);
        _instead = null;
        Assert.Equal(2, await AskAsync());
    }

    [Fact]
    public async Task One_that_is_over_ends_the_look_that_is_under_way_and_begins_no_other()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _instead = async stopped =>
        {
            begun.SetResult();
            return await new TaskCompletionSource<int>().Task.WaitAsync(stopped);
        };
        var asked = AskAsync();
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(20));
        _look.Dispose();
        Assert.Equal(-1, await asked);
        _instead = null;
        _time.Advance(Interval);
        Assert.Equal(-1, await AskAsync());
    }

    private Task<int> AskAsync() => _look.AskAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
}
