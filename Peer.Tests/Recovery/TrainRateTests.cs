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
        Assert.All(samples, sample => Assert.True(sample.WasStretched));
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
        Assert.All(samples, sample => Assert.InRange((double)sample.Rate, PathRate * 0.1, PathRate * 1.05));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(20)]
    public void A_thread_that_sleeps_at_either_end_never_makes_the_path_look_wider(int before)
    {
        // From that packet on nobody acknowledges for 10 ms; then all that has come meanwhile is acknowledged at once.
        var samples = Travel(120, gapSent: 0, arrival: i => Math.Max(Rtt + ((i + 1) * Service), i < before ? 0 : Rtt + 10_000));

        Assert.All(samples, sample => Assert.InRange((double)sample.Rate, 0, PathRate * 1.05));
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
            trains.Arrived(places[i], Datagram);
            if (trains.Acknowledged(places[i], i * gapSent, Datagram, Rtt, arrival(i), out var sample))
                samples.Add(sample);
        }

        return samples;
    }
}
