using CsCheck;
using Peer.Node.Demo;

namespace Peer.Tests.Node;

public sealed class ArrivalsTests
{
    // Short streams with many repeats and gaps, and now and then a number far away, so that the table has to grow.
    private static readonly Gen<int[]> Numbers = Gen.OneOf(Gen.Int[0, 12], Gen.Int[0, 12], Gen.Int[60, 70], Gen.Int[0, 1000]).Array[0, 60];

    [Fact]
    public void Every_arrival_is_counted_as_a_naive_reader_would() =>
        Numbers.Sample(numbers =>
        {
            var arrivals = new Arrivals();
            foreach (var number in numbers)
                arrivals.Record(number);

            var firsts = numbers.Distinct().ToList();
            Assert.Equal(firsts.Count, arrivals.Received);
            Assert.Equal(numbers.Length - firsts.Count, arrivals.Duplicated);
            Assert.Equal(firsts.Where((number, index) => firsts.Take(index).Any(earlier => earlier > number)).Count(), arrivals.OutOfOrder);
            Assert.Equal(numbers.Length == 0 ? 0 : numbers.Max() + 1, arrivals.End);
            Assert.Equal(Enumerable.Range(0, 1002).First(number => !numbers.Contains(number)), arrivals.FirstMissing);
        });

    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    public void A_whole_stream_misses_first_what_comes_next(int count)
    {
        var arrivals = new Arrivals();
        for (var number = 0; number < count; number++)
            arrivals.Record(number);

        Assert.Equal(count, arrivals.FirstMissing);
        Assert.Equal((count, 0, 0), (arrivals.Received, arrivals.OutOfOrder, arrivals.Duplicated));
    }

    [Fact]
    public void A_number_that_cannot_be_allocates_nothing() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Arrivals().Record(Arrivals.MaxNumber + 1));
}
