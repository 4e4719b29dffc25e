using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class DataHeaderTests
{
    private static readonly Gen<OutboundFrame> AnyFrame =
        from channel in Gen.Int[0, 255]
        from mode in Gen.Int[0, 2]
        from sequence in Gen.Long[0, long.MaxValue]
        from peer in Gen.Int
        from hasPeer in Gen.Bool
        from kind in Gen.Int[0, 2]
        from count in Gen.Int[2, DataHeader.MaxFragments]
        from index in Gen.Int[0, count - 1]
        from payload in Gen.Byte.Array[1, 300]
        let isControl = channel == SequenceKey.ControlChannel
        let ended = kind == 1 && hasPeer
        select new OutboundFrame
        {
            Key = new SequenceKey((byte)channel, isControl ? TransferMode.Reliable : (TransferMode)mode),
            Sequence = sequence,
            Peer = hasPeer ? peer : null,
            Ended = ended,
            FragmentCount = kind == 2 ? count : 0,
            FragmentIndex = kind == 2 ? index : 0,
            Payload = ended ? default : payload,
        };

    [Fact]
    public void Any_frame_comes_back_as_it_was_and_says_its_size() =>
        AnyFrame.Sample(frame =>
        {
            var bytes = Messages.Encode(frame);
            var followed = new byte[bytes.Length + 3];
            bytes.CopyTo(followed, 0);
            Assert.True(DataHeader.TryRead(followed, out var read, out var consumed));
            Assert.Equal(bytes.Length, consumed);
            Assert.Equal((frame.Key, (uint)frame.Sequence, frame.Peer, frame.Ended), (read.Key, read.WireSequence, read.Peer, read.Ended));
            Assert.Equal((frame.FragmentIndex, frame.FragmentCount), (read.FragmentIndex, read.FragmentCount));
            Assert.True(frame.Payload.Span.SequenceEqual(read.Payload.Span));
        }, iter: 1_000);

    [Fact]
    public void A_frame_cut_off_anywhere_is_refused() =>
        AnyFrame.Sample(frame =>
        {
            var bytes = Messages.Encode(frame);
            for (var length = 0; length < bytes.Length; length++)
                Assert.False(DataHeader.TryRead(bytes.AsMemory(0, length), out _, out _));
        }, iter: 200);

    [Fact]
    public void Random_bytes_never_throw_and_what_is_read_has_one_encoding_only() =>
        Gen.Select(Gen.Byte[0x40, 0x7F], Gen.Byte.Array[0, 40]).Sample((type, rest) =>
        {
            byte[] bytes = [type, .. rest];
            if (!DataHeader.TryRead(bytes, out var read, out var consumed))
                return;
            var again = Messages.Encode(new OutboundFrame
            {
                Key = read.Key,
                Sequence = read.WireSequence,
                Peer = read.Peer,
                Ended = read.Ended,
                FragmentIndex = read.FragmentIndex,
                FragmentCount = read.FragmentCount,
                Payload = read.Payload,
            });
            Assert.Equal(bytes[..consumed], again);
        }, iter: 20_000);

    [Theory]
    [InlineData("43 03 01000000 02 0161", "mode 3 does not exist")]
    [InlineData("63 01000000 02 0161", "mode 3 does not exist for control either")]
    [InlineData("60 01000000 02 0161", "control is reliable")]
    [InlineData("61 01000000 02 0161", "control is not ordered unreliable")]
    [InlineData("42 FF 01000000 02 0161", "channel 255 is not a user's")]
    [InlineData("42", "no channel")]
    [InlineData("42 03 010000", "sequence cut off")]
    [InlineData("46 03 01000000 020000", "peer cut off")]
    [InlineData("4A 03 01000000 00 00 01 61", "no pieces")]
    [InlineData("4A 03 01000000 00 01 01 61", "one piece is no group")]
    [InlineData("4A 03 01000000 02 02 01 61", "index equals count")]
    [InlineData("4A 03 01000000 FFFF03 FFFF03 01 61", "last index beyond the last piece")]
    [InlineData("4A 03 01000000 00 808004 01 61", "65 536 pieces")]
    [InlineData("4A 03 01000000 FFFFFFFFFFFFFFFFFF01 02 01 61", "index of 2^64")]
    [InlineData("4A 03 01000000 00 FFFFFFFFFFFFFFFFFF01 01 61", "count of 2^64")]
    [InlineData("4A 03 01000000 8000 02 01 61", "padded varint")]
    [InlineData("4A 03 01000000 00 02 00", "an empty piece")]
    [InlineData("42 03 01000000 00", "an empty payload")]
    [InlineData("42 03 01000000 03 0161", "payload past the end")]
    [InlineData("42 03 01000000 FFFFFFFFFFFFFFFFFF01 0161", "payload of 2^64")]
    [InlineData("42 03 01000000 8200 0161", "padded length")]
    [InlineData("52 03 01000000 00", "ended, but who")]
    [InlineData("56 03 01000000 02000000 02 0161", "ended with messages")]
    [InlineData("5E 03 01000000 02000000 00 02 00", "ended and a piece")]
    [InlineData("02 03 01000000 02 0161", "another type")]
    [InlineData("82 03 01000000 02 0161", "another type")]
    public void A_frame_that_breaks_a_rule_is_refused(string hex, string rule) =>
        Assert.False(DataHeader.TryRead(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _, out _), rule);

    [Theory]
    [InlineData("42 03 01000000 02 0161")]
    [InlineData("62 01000000 02 0161")]
    [InlineData("56 03 01000000 02000000 00")]
    [InlineData("4A 03 01000000 FEFF03 FFFF03 01 61")]
    [InlineData("40 FE FFFFFFFF 02 0161")]
    public void A_frame_by_the_standard_is_read(string hex) =>
        Assert.True(DataHeader.TryRead(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)), out _, out _));
}
