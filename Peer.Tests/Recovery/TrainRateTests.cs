using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

/// <summary>What a train of packets tells of its path; a packet takes the bottleneck 96 us, a round trip 50 ms.</summary>
public sealed class TrainRateTests
{
    private const int Datagram = 1_200;
    private const long Rtt = 50_000;
    private const long Service = 96;
    private const long PathRate = Datagram * 1_000_000L / Service;

    [Fact]
    public void A_burst_shows_what_the_path_carries_after_one_round_trip()
    {
        var samples = Travel(40, gapSent: 0, arrival: i => Rtt + ((i + 1) * Service));

        Assert.NotEmpty(samples);
        Assert.All(samples, sample => Assert.True(sample.ShowsPath));
        Assert.All(samples, sample => Assert.InRange((double)sample.Rate, PathRate * 0.95, PathRate * 1.05));
    }

    [Fact]
    public void A_train_that_leaves_slower_than_the_path_could_carry_shows_nothing() =>
        Assert.DoesNotContain(Travel(64, gapSent: 300, arrival: i => (i * 300) + Rtt + Service), sample => sample.WasStretched);

    [Fact]
    public void A_train_that_leaves_faster_is_known_to_have_been_stretched_even_behind_a_standing_queue()
    {
        const long queue = 20_000;
        var samples = Travel(64, gapSent: 50, arrival: i => queue + Rtt + ((i + 1) * Service));

        Assert.All(samples, sample => Assert.True(sample.WasStretched));
        Assert.All(samples, sample => Assert.InRange((double)sample.Rate, PathRate * 0.95, PathRate * 1.05));
    }

    [Fact]
    public void A_thread_that_slept_at_the_other_end_is_not_taken_for_a_narrow_path()
    {
        // The path carries ten times as much, but in the middle of the train nobody acknowledges for 15 ms.
        var samples = Travel(120, gapSent: 0, arrival: i => Rtt + (i * 20) + (i < 60 ? 0 : 15_000));

        Assert.DoesNotContain(samples, sample => sample.ShowsPath && sample.Rate < 5 * PathRate / 2);
    }

    [Fact]
    public void A_few_packets_now_and_then_are_no_train() => Assert.Empty(Travel(200, gapSent: 16_667, arrival: i => (i * 16_667) + Rtt + Service));

    private static List<TrainSample> Travel(int packets, long gapSent, Func<int, long> arrival)
    {
        var trains = new TrainRate();
        var places = Enumerable.Range(0, packets).Select(i => trains.Sent(Datagram, Datagram, i * gapSent)).ToArray();
        var samples = new List<TrainSample>();
        for (var i = 0; i < packets; i++)
        {
            if (trains.Acknowledged(places[i], i * gapSent, Datagram, arrival(i), out var sample))
                samples.Add(sample);
        }

        return samples;
    }
}
