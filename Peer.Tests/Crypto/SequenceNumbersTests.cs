using CsCheck;
using Peer.Protocol.Crypto;

namespace Peer.Tests.Crypto;

public class SequenceNumbersTests
{
    private static readonly int[] Widths = [8, 16, 24, 32];

    private static readonly Gen<long> NearTheEnds = Gen.OneOf(
        Gen.Long[0, 70_000],
        Gen.Long[long.MaxValue - 70_000, long.MaxValue],
        Gen.Long[0, long.MaxValue],
        Gen.Long[(1L << 32) - 300, (1L << 32) + 300]);

    [Fact]
    public void A_number_within_half_a_window_of_the_expected_one_is_restored()
    {
        Gen.Select(Gen.Int[0, 3], NearTheEnds, Gen.Long[-(1L << 31), 1L << 31]).Sample((width, expected, offset) =>
        {
            var bits = Widths[width];
            var half = 1L << (bits - 1);
            offset %= half;
            if (offset > 0 ? expected > long.MaxValue - offset : expected < -offset)
                return;
            var number = expected + offset;
            Assert.Equal(number, SequenceNumbers.Expand((ulong)number & ((1UL << bits) - 1), bits, expected));
        });
    }

    [Fact]
    public void The_result_keeps_the_low_bits_and_no_other_legal_value_is_nearer()
    {
        Gen.Select(Gen.Int[0, 3], NearTheEnds, Gen.ULong).Sample((width, expected, any) =>
        {
            var bits = Widths[width];
            var mask = (1UL << bits) - 1;
            var result = SequenceNumbers.Expand(any & mask, bits, expected);
            Assert.True(result >= 0);
            Assert.Equal(any & mask, (ulong)result & mask);

            var distance = Int128.Abs((Int128)result - expected);
            foreach (var other in new[] { (Int128)result - (Int128)(mask + 1), (Int128)result + (Int128)(mask + 1) })
            {
                if (other >= 0 && other <= long.MaxValue)
                    Assert.True(Int128.Abs(other - expected) >= distance);
            }
        });
    }

    [Fact]
    public void Bits_above_the_width_are_ignored() =>
        Gen.Select(Gen.Int[0, 3], NearTheEnds, Gen.ULong).Sample((width, expected, any) =>
            SequenceNumbers.Expand(any, Widths[width], expected) == SequenceNumbers.Expand(any & ((1UL << Widths[width]) - 1), Widths[width], expected));

    [Theory]
    [InlineData(0xFFul, 8, 0L, 255L)]
    [InlineData(0x00ul, 8, 0L, 0L)]
    [InlineData(0x80ul, 8, 0L, 128L)]
    [InlineData(0xFFul, 8, 256L, 255L)]
    [InlineData(0x01ul, 8, 255L, 257L)]
    [InlineData(0x80ul, 8, 256L, 384L)]
    [InlineData(0x00ul, 32, 0xFFFF_FFFFL, 0x1_0000_0000L)]
    [InlineData(0xFFFF_FFFFul, 32, 0x1_0000_0000L, 0xFFFF_FFFFL)]
    [InlineData(0x00ul, 16, long.MaxValue, long.MaxValue - 0xFFFF)]
    [InlineData(0xFFFF_FFFFul, 32, long.MaxValue, long.MaxValue)]
    public void The_corners_are_as_worked_out_by_hand(ulong truncated, int bits, long expected, long result) =>
        Assert.Equal(result, SequenceNumbers.Expand(truncated, bits, expected));

    [Fact]
    public void A_negative_expectation_or_an_impossible_width_is_a_programming_mistake()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SequenceNumbers.Expand(0, 8, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SequenceNumbers.Expand(0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SequenceNumbers.Expand(0, 63, 1));
    }
}
