using CsCheck;
using Peer.Protocol.Recovery;
using Peer.Protocol.Wire;

namespace Peer.Tests.Recovery;

public class AckFrameTests
{
    internal static byte[] Varints(params ulong[] values)
    {
        var bytes = new byte[values.Length * Varint.MaxSize];
        var length = 0;
        foreach (var value in values)
            length += Varint.Write(bytes.AsSpan(length), value);
        return bytes[..length];
    }

    private static bool Read(byte[] bytes) => AckFrame.TryRead(bytes, out _, out _);

    [Fact]
    public void What_is_written_is_read_and_every_truncation_is_refused() =>
        // So few numbers cannot make more ranges than are kept, or the smallest of them would be forgotten.
        Gen.Select(Gen.Long[0, long.MaxValue - 200], Gen.Long[0, (2 * AckFrame.MaxRanges) - 1].Array[1, 120]).Sample((origin, offsets) =>
        {
            var received = new ReceivedPackets(RecoverySettings.Default);
            foreach (var offset in offsets)
                received.Record(origin + offset, 0, true);
            var bytes = new byte[2_000];
            var length = received.WriteAck(bytes, 17);
            for (var cut = 0; cut < length - 1; cut++)
                Assert.False(AckFrame.TryRead(bytes.AsSpan(1, cut), out _, out _));
            Assert.True(AckFrame.TryRead(bytes.AsSpan(1), out var ack, out var consumed));
            Assert.Equal(length - 1, consumed);
            Assert.Equal(origin + offsets.Max(), ack.Largest);
            Assert.Equal(origin + offsets.Min(), ack.Smallest);
            var count = 0;
            var above = long.MaxValue;
            foreach (var range in ack)
            {
                Assert.True(range.First <= range.Last && range.First >= 0 && (count == 0 || range.Last < above - 1));
                above = range.First;
                count++;
            }

            Assert.Equal(ack.RangeCount, count);
            Assert.Equal(ack.Smallest, above);
        }, iter: 500);

    [Fact]
    public void The_format_is_the_documented_one()
    {
        // 20, 19; then 15; then 10 .. 12.
        Assert.True(AckFrame.TryRead([20, 99, 2, 1, 2, 0, 1, 2, 0xEE], out var ack, out var consumed));
        Assert.Equal(8, consumed);
        Assert.Equal(99, ack.Delay);
        var ranges = new List<AckRange>();
        foreach (var range in ack)
            ranges.Add(range);
        Assert.Equal([new AckRange(19, 20), new AckRange(15, 15), new AckRange(10, 12)], ranges);
    }

    [Fact]
    public void Ranges_below_zero_are_refused()
    {
        Assert.True(Read(Varints(5, 0, 0, 5)));
        Assert.False(Read(Varints(5, 0, 0, 6)));
        Assert.False(Read(Varints(5, 0, 0, ulong.MaxValue)));
        Assert.True(Read(Varints(5, 0, 1, 3, 0, 0)));
        Assert.False(Read(Varints(5, 0, 1, 3, 1, 0)));
        Assert.False(Read(Varints(5, 0, 1, 3, 0, 1)));
        Assert.False(Read(Varints(5, 0, 1, 4, 0, 0)));
        Assert.False(Read(Varints(5, 0, 1, 5, 0, 0)));
        Assert.False(Read(Varints(5, 0, 1, 0, ulong.MaxValue, 0)));
        Assert.False(Read(Varints(5, 0, 1, 0, ulong.MaxValue - 1, ulong.MaxValue)));
    }

    [Fact]
    public void Numbers_beyond_63_bits_and_too_many_ranges_are_refused()
    {
        Assert.True(Read(Varints(long.MaxValue, 0, 0, long.MaxValue)));
        Assert.False(Read(Varints(1UL << 63, 0, 0, 0)));
        Assert.False(Read(Varints(5, 1UL << 63, 0, 0)));
        var most = new ulong[4 + (63 * 2)];
        most[0] = 1_000;
        most[2] = 63;
        Assert.True(Read(Varints(most)));
        var more = new ulong[4 + (64 * 2)];
        more[0] = 1_000;
        more[2] = 64;
        Assert.False(Read(Varints(more)));
        Assert.False(Read(Varints(5, 0, ulong.MaxValue, 0)));
    }

    [Fact]
    public void Integers_that_are_not_in_their_shortest_form_are_refused() =>
        Assert.False(Read([0x85, 0x00, 0, 0, 0]));

    [Fact]
    public void Any_bytes_are_read_or_refused_without_an_exception() =>
        Gen.Byte.Array[0, 80].Sample(bytes =>
        {
            if (!AckFrame.TryRead(bytes, out var ack, out var consumed))
                return;
            Assert.InRange(consumed, 4, bytes.Length);
            var below = long.MaxValue;
            foreach (var range in ack)
            {
                Assert.True(range.First >= 0 && range.First <= range.Last && range.Last <= below);
                below = range.First - 2;
            }
        }, iter: 20_000);
}
