using Peer.Node.Demo;
using Peer.Protocol;

namespace Peer.Tests.Node;

public sealed class TrafficTests
{
    [Fact]
    public void The_mix_has_all_kinds_of_targets_all_channels_and_now_and_then_a_large_message()
    {
        var mix = new TrafficMix(1, 20, [1, 30]);

        var messages = Enumerable.Range(0, 1000).Select(_ => mix.Next(TransferMode.Reliable)).ToList();

        Assert.Equal([-30, -1, 0, 1, 30], messages.Select(message => message.Stream.Target).Distinct().Order());
        Assert.Equal(Enumerable.Range(0, TrafficMix.Channels), messages.Select(message => message.Stream.Channel).Distinct().Order());
        Assert.Equal(3, messages.Count(message => message.Size == 100 * 1024));
        Assert.All(messages, message => Assert.True(message.Size is >= 16 and <= 2048 or 100 * 1024));
        Assert.All(messages, message => Assert.Equal(20, message.Stream.Sender));
    }

    [Fact]
    public void Unreliable_messages_are_never_large()
    {
        var mix = new TrafficMix(1, 20, [1]);

        Assert.All(Enumerable.Range(0, 1000).Select(_ => mix.Next(TransferMode.Unreliable)), message => Assert.InRange(message.Size, 16, 2048));
    }

    [Fact]
    public void A_seed_repeats_the_mix()
    {
        var one = new TrafficMix(7, 20, [1, 30]);
        var other = new TrafficMix(7, 20, [1, 30]);

        Assert.All(Enumerable.Range(0, 100), _ => Assert.Equal(one.Next(TransferMode.Reliable), other.Next(TransferMode.Reliable)));
    }

    [Fact]
    public void A_steady_caller_sends_at_the_rate()
    {
        var pace = new SendPace(200);

        Assert.Equal(400, Enumerable.Range(1, 400).Sum(step => Taken(pace, TimeSpan.FromMilliseconds(step * 5))), 1.0);
    }

    [Fact]
    public void A_caller_that_was_held_up_catches_up_on_a_tenth_of_a_second_only()
    {
        var pace = new SendPace(200);

        Assert.Equal(20, Taken(pace, TimeSpan.FromSeconds(10)));
        Assert.Equal(0, Taken(pace, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void What_could_not_be_put_is_due_again()
    {
        var pace = new SendPace(1);
        var now = TimeSpan.FromSeconds(1);

        Assert.True(pace.TryTake(now));
        Assert.False(pace.TryTake(now));
        pace.Return();
        Assert.True(pace.TryTake(now));
    }

    [Theory]
    [InlineData(new long[] { 5 }, 5, 5)]
    [InlineData(new long[] { 3, 1, 2 }, 2, 3)]
    [InlineData(new long[] { 4, 3, 2, 1 }, 2, 4)]
    [InlineData(new long[] { }, 0, 0)]
    public void Percentiles_are_those_of_the_nearest_rank(long[] samples, long median, long high)
    {
        var percentiles = new Percentiles(samples);

        Assert.Equal((median, high), (percentiles.At(0.5), percentiles.At(0.99)));
    }

    private static int Taken(SendPace pace, TimeSpan now)
    {
        var taken = 0;
        while (pace.TryTake(now))
            taken++;
        return taken;
    }
}
