using CsCheck;
using Peer.Protocol.Crypto;

namespace Peer.Tests.Crypto;

public class SealedHeaderTests
{
    [Fact]
    public void A_header_reads_as_it_was_written()
    {
        Gen.Select(Gen.ULong, Gen.Long[0, long.MaxValue], Gen.Int[0, SealedHeader.MaxPayloadLength]).Sample((id, number, payload) =>
        {
            var datagram = new byte[SealedHeader.Length + payload + SealedHeader.TagLength];
            SealedHeader.Write(datagram, id, number, payload);
            Assert.True(SealedHeader.TryRead(datagram, out var readId, out var readNumber, out var total));
            Assert.Equal((id, (uint)number, datagram.Length), (readId, readNumber, total));
        }, iter: 50);
    }

    [Fact]
    public void The_bytes_are_those_of_the_standard()
    {
        var datagram = new byte[15];
        SealedHeader.Write(datagram, 0x0807060504030201, 0x1_0D0C_0B0A, 0x0100);
        Assert.Equal("40" + "0102030405060708" + "0A0B0C0D" + "1001", Convert.ToHexString(datagram));
    }

    [Fact]
    public void Every_kind_byte_but_those_of_version_1_is_refused()
    {
        var datagram = Datagram(payload: 4);
        for (var kind = 0; kind < 256; kind++)
        {
            datagram[0] = (byte)kind;
            Assert.Equal(kind is >= 0x40 and <= 0x4F, SealedHeader.TryRead(datagram, out _, out _, out _));
        }
    }

    [Fact]
    public void A_datagram_cut_anywhere_is_refused_and_one_followed_by_another_is_not()
    {
        var datagram = Datagram(payload: 40);
        for (var length = 0; length < datagram.Length; length++)
            Assert.False(SealedHeader.TryRead(datagram.AsSpan(0, length), out _, out _, out _));

        byte[] two = [.. datagram, .. Datagram(payload: 7)];
        Assert.True(SealedHeader.TryRead(two, out _, out _, out var first));
        Assert.Equal(datagram.Length, first);
        Assert.True(SealedHeader.TryRead(two.AsSpan(first), out _, out _, out var second));
        Assert.Equal(two.Length, first + second);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(15, false)]
    [InlineData(16, true)]
    [InlineData(65_520, true)]
    [InlineData(65_521, false)]
    [InlineData(65_535, false)]
    public void The_length_field_is_bounded(int length, bool legal)
    {
        var datagram = new byte[70_000];
        datagram[0] = 0x40;
        datagram[13] = (byte)length;
        datagram[14] = (byte)(length >> 8);
        Assert.Equal(legal, SealedHeader.TryRead(datagram, out _, out _, out _));
    }

    [Fact]
    public void A_payload_too_large_for_the_length_field_is_a_programming_mistake() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => SealedHeader.Write(new byte[15], 0, 0, SealedHeader.MaxPayloadLength + 1));

    private static byte[] Datagram(int payload)
    {
        var datagram = new byte[SealedHeader.Length + payload + SealedHeader.TagLength];
        SealedHeader.Write(datagram, 77, 5, payload);
        return datagram;
    }
}
