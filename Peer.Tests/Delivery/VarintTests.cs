using CsCheck;
using Peer.Protocol.Wire;

namespace Peer.Tests.Delivery;

public class VarintTests
{
    [Fact]
    public void Any_value_comes_back_and_takes_the_size_that_was_told() =>
        Gen.Select(Gen.ULong, Gen.Int[0, 63]).Sample((bits, shift) =>
        {
            var value = bits >> shift;
            var bytes = new byte[Varint.MaxSize];
            var size = Varint.Write(bytes, value);
            Assert.Equal(Varint.Size(value), size);
            Assert.True(Varint.TryRead(bytes.AsSpan(0, size), out var read, out var consumed));
            Assert.Equal((value, size), (read, consumed));
            for (var cut = 0; cut < size; cut++)
                Assert.False(Varint.TryRead(bytes.AsSpan(0, cut), out _, out _));
        }, iter: 1_000);

    [Fact]
    public void Whatever_bytes_are_read_as_a_value_are_its_only_encoding() =>
        Gen.Byte.Array[1, 12].Sample(bytes =>
        {
            if (!Varint.TryRead(bytes, out var value, out var consumed))
                return;
            var again = new byte[Varint.MaxSize];
            Assert.Equal(consumed, Varint.Write(again, value));
            Assert.Equal(bytes[..consumed], again[..consumed]);
        }, iter: 2_000);

    [Theory]
    [InlineData("8000")]
    [InlineData("FF00")]
    [InlineData("808000")]
    [InlineData("FFFFFFFFFFFFFFFFFF02")]
    [InlineData("8080808080808080808000")]
    [InlineData("80808080808080808080")]
    [InlineData("")]
    public void A_padded_overlong_or_cut_off_varint_is_refused(string hex) =>
        Assert.False(Varint.TryRead(Convert.FromHexString(hex), out _, out _));

    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(127UL, 1)]
    [InlineData(128UL, 2)]
    [InlineData(16_383UL, 2)]
    [InlineData(16_384UL, 3)]
    [InlineData(ulong.MaxValue, 10)]
    public void Sizes_change_where_seven_more_bits_are_needed(ulong value, int size) => Assert.Equal(size, Varint.Size(value));
}
