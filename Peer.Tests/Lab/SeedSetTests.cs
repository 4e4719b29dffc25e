using Peer.Lab.Simulate;

namespace Peer.Tests.Lab;

public sealed class SeedSetTests
{
    [Theory]
    [InlineData("7", new ulong[] { 7 })]
    [InlineData("1..4", new ulong[] { 1, 2, 3, 4 })]
    [InlineData("5..5", new ulong[] { 5 })]
    [InlineData("3,5,9", new ulong[] { 3, 5, 9 })]
    [InlineData("0, 10..12, 4", new ulong[] { 0, 10, 11, 12, 4 })]
    [InlineData("18446744073709551614..18446744073709551615", new ulong[] { 18446744073709551614, 18446744073709551615 })]
    public void Seeds_are_ranges_and_lists(string text, ulong[] seeds)
    {
        var set = SeedSet.Parse(text, out var problem)!;

        Assert.Equal("", problem);
        Assert.Equal(seeds, set);
        Assert.Equal(seeds.Length, set.Count);
        Assert.Equal(text, set.ToString());
    }

    [Theory]
    [InlineData("", "no seed")]
    [InlineData("x", "'x' is no seed")]
    [InlineData("-1", "no seed")]
    [InlineData("1...3", "no seed")]
    [InlineData("1..", "no seed")]
    [InlineData("1..2..3", "no seed")]
    [InlineData("1,,2", "'' is no seed")]
    [InlineData("18446744073709551616", "no seed")]
    [InlineData("9..3", "runs backwards; write 3..9")]
    [InlineData("0..18446744073709551615", "more than")]
    [InlineData("1..100000000,5", "more than")]
    public void What_is_no_set_of_seeds_says_why(string text, string mention)
    {
        Assert.Null(SeedSet.Parse(text, out var problem));
        Assert.Contains(mention, problem, StringComparison.Ordinal);
    }
}
