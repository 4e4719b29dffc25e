using CsCheck;
using Peer.Protocol.ENet;

namespace Peer.Tests.ENet;

/// <summary>What goes in comes out, and what is nonsense does nothing.</summary>
public sealed class CompressorTests
{
    private static readonly Gen<byte[]> Texts = Gen.OneOf(
        Gen.Byte.Array[1, 1_400],
        Gen.Byte[97, 103].Array[1, 4_000],
        Gen.Select(Gen.Byte, Gen.Int[1, 4_000]).Select((value, count) => Enumerable.Repeat(value, count).ToArray()));

    [Fact]
    public void Whatever_is_compressed_expands_to_itself() =>
        Texts.Sample(text =>
        {
            foreach (var compressor in new ICompressor[] { new RangeCoder(), new ZlibCompressor() })
            {
                var packed = new byte[text.Length + 64];
                var length = compressor.Compress(text, packed);
                if (length == 0)
                    continue;
                var expanded = new byte[ENetFormat.MaxMtu];
                Assert.Equal(text.Length, compressor.Expand(packed.AsSpan(0, length), expanded));
                Assert.Equal(text, expanded[..text.Length]);
                compressor.Dispose();
            }
        }, iter: 300, threads: 1);

    [Fact]
    public void What_repeats_gets_shorter()
    {
        using var coder = new RangeCoder();
        var text = "position 10 20 30; position 10 20 31; position 10 20 32; position 10 20 33"u8;
        Assert.InRange(coder.Compress(text, new byte[text.Length]), 20, 50);
    }

    [Fact]
    public void Nonsense_expands_to_something_bounded_or_to_nothing() =>
        Gen.Byte.Array[0, 2_000].Sample(bytes =>
        {
            foreach (var compressor in new ICompressor[] { new RangeCoder(), new ZlibCompressor() })
            {
                Assert.InRange(compressor.Expand(bytes, new byte[ENetFormat.MaxMtu]), 0, ENetFormat.MaxMtu);
                compressor.Dispose();
            }
        }, iter: 500, threads: 1);

    [Fact]
    public void A_stream_that_asks_for_a_dictionary_is_nonsense()
    {
        using var zlib = new ZlibCompressor();
        Assert.Equal(0, zlib.Expand([0x78, 0x20, 1, 2, 3, 4, 5, 6, 7, 8], new byte[ENetFormat.MaxMtu]));
    }

    [Fact]
    public void The_checksum_is_the_usual_one() =>
        Assert.Equal(0xCBF43926u, Crc("123456789"u8));

    // The connect id takes four of the bytes.
    private static uint Crc(ReadOnlySpan<byte> text) => ENetChecksum.Of(text[..2], 0x33343536, text[6..]);
}
