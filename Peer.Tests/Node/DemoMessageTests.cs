using CsCheck;
using Peer.Node.Demo;
using Peer.Protocol;

namespace Peer.Tests.Node;

public sealed class DemoMessageTests
{
    private static readonly StreamKey Stream = new(20, -30, 3, TransferMode.UnreliableOrdered);

    [Fact]
    public void A_message_reads_as_it_was_written() =>
        Gen.Select(Gen.Int[1, int.MaxValue], Gen.Int, Gen.Int[0, 254], Gen.Int[0, 2], Gen.Int[0, Arrivals.MaxNumber], Gen.Int[DemoMessage.HeaderSize, 3000]).Sample(
            (sender, target, channel, mode, number, size) =>
            {
                var stream = new StreamKey(sender, target, channel, (TransferMode)mode);
                var message = DemoMessage.Write(new byte[size], size, DemoMessageKind.Traffic, stream, number);

                Assert.Equal(size, message.Length);
                Assert.True(DemoMessage.TryRead(message, out var kind, out var read, out var readNumber));
                Assert.Equal((DemoMessageKind.Traffic, stream, number), (kind, read, readNumber));
                Assert.True(DemoMessage.IsIntact(message, number));
            });

    [Fact]
    public void A_changed_cut_or_lengthened_filler_is_noticed() =>
        Gen.Select(Gen.Int[0, 999], Gen.Byte[1, 255]).Sample((at, change) =>
        {
            var message = DemoMessage.Write(new byte[DemoMessage.HeaderSize + 1000], DemoMessage.HeaderSize + 1000, DemoMessageKind.Traffic, Stream, 5).ToArray();

            message[DemoMessage.HeaderSize + at] ^= change;

            Assert.False(DemoMessage.IsIntact(message, 5));
        });

    [Fact]
    public void The_largest_message_is_a_hundred_kilobytes_and_more()
    {
        var message = DemoMessage.Write(new byte[DemoMessage.MaxSize], DemoMessage.MaxSize, DemoMessageKind.Traffic, Stream, Arrivals.MaxNumber);

        Assert.True(message.Length > 100 * 1024);
        Assert.True(DemoMessage.IsIntact(message, Arrivals.MaxNumber));
        Assert.False(DemoMessage.IsIntact(new byte[DemoMessage.MaxSize + 1], 0));
    }

    [Fact]
    public void Foreign_bytes_are_no_message() =>
        Gen.Byte.Array[0, 40].Sample(bytes =>
        {
            if (DemoMessage.TryRead(bytes, out var kind, out var stream, out var number))
            {
                Assert.True(bytes.Length >= DemoMessage.HeaderSize);
                Assert.True(Enum.IsDefined(kind));
                Assert.True(Enum.IsDefined(stream.Mode));
                Assert.InRange(number, 0, Arrivals.MaxNumber);
            }
        });

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 5)]
    [InlineData(2, 3)]
    [InlineData(15, 0x7F)]
    public void A_header_with_a_wrong_byte_is_refused(int at, byte value)
    {
        var message = DemoMessage.Write(new byte[20], 20, DemoMessageKind.Traffic, Stream, 5).ToArray();
        message[at] = value;

        Assert.False(DemoMessage.TryRead(message, out _, out _, out _));
    }

    [Fact]
    public void A_statement_tells_the_count_of_every_reliable_stream_and_of_no_other()
    {
        SentRow[] rows = [new(0, 1, TransferMode.Reliable, 500), new(-7, 3, TransferMode.Reliable, 1), new(0, 1, TransferMode.Unreliable, 9)];

        var message = Statement.Write(Stream, rows);

        Assert.True(DemoMessage.TryRead(message, out var kind, out _, out _));
        Assert.Equal(DemoMessageKind.Statement, kind);
        Assert.Equal(rows[..2], Statement.Read(message));
        Assert.Null(Statement.Read(message.AsSpan(0, message.Length - 1)));
    }
}
