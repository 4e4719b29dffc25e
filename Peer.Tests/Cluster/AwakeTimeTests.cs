using Peer.Actors;
using Peer.Cluster.Hosts;
using Peer.Tests.Facade;

namespace Peer.Tests.Cluster;

/// <summary>The time of a host whose process may stand still.</summary>
public sealed class AwakeTimeTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly ManualTime _time = new();
    private readonly AwakeTime _awake;

    public AwakeTimeTests() => _awake = new AwakeTime(new Clock(_time), Interval);

    [Fact]
    public void It_is_the_real_time_while_beats_come_when_they_are_due()
    {
        for (var beat = 1; beat <= 10; beat++)
        {
            _time.Advance(Interval / 2);
            Assert.Equal(((beat * 2) - 1) * 125_000, _awake.Now);
            _time.Advance(Interval / 2);
            Assert.Equal(beat * 250_000, _awake.Beat());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(240)]
    public void A_pause_is_as_long_as_an_interval_however_many_beats_come_after_it(int beats)
    {
        _awake.Beat();
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(250_000, _awake.Now);
        for (var beat = 0; beat < beats; beat++)
            Assert.Equal(250_000, _awake.Beat());
        _time.Advance(Interval);
        Assert.Equal(500_000, _awake.Beat());
    }
}
