using System.Diagnostics;
using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Control;

namespace Peer.Tests.Control;

/// <summary>Control messages come from a peer that holds the keys and may be anybody.</summary>
public sealed class ControlCodecTests
{
    private static readonly Gen<IControlMessage> Messages = Gen.OneOf<IControlMessage>(
        Gen.Int[2, int.MaxValue].Array[1, 300].Select(peers => (IControlMessage)new PeersJoined(peers)),
        Gen.Int[2, int.MaxValue].Array[1, 300].Select(peers => (IControlMessage)new PeersReturned(peers)),
        Gen.Const((IControlMessage)new RosterSettled()),
        Gen.String[Gen.Char['!', '~'], 1, ControlCodec.MaxServerLength].Array[0, ControlCodec.MaxServers].Select(servers => (IControlMessage)new ServersTold(servers)),
        Gen.Select(Gen.Int[2, int.MaxValue], Gen.Byte, Gen.String[0, 60], Gen.Byte[0, 254].Array[0, 255])
            .Select((peer, reason, text, marks) => (IControlMessage)new PeerLeft(peer, (DisconnectReason)reason, Legal(text), [.. marks.Distinct()])));

    [Fact]
    public void Every_message_comes_back_as_it_was() =>
        Messages.Sample(message => AssertSame(message, ControlCodec.Decode(ControlCodec.Encode(message))), iter: 500);

    [Fact]
    public void No_message_can_be_read_from_less_or_more_than_its_bytes() =>
        Messages.Sample(message =>
        {
            var bytes = ControlCodec.Encode(message);
            for (var length = 0; length < bytes.Length; length++)
                Assert.Null(ControlCodec.Decode(bytes.AsMemory(0, length)));
            Assert.Null(ControlCodec.Decode((byte[])[.. bytes, 0xC0]));
        }, iter: 50);

    [Fact]
    public void Random_bytes_and_flipped_bits_never_throw()
    {
        Gen.Byte.Array[0, 64].Sample(bytes => ControlCodec.Decode(bytes) is not PeersJoined { Peers.Length: 0 }, iter: 5_000);
        Gen.Byte.Array[0, 40].Sample(bytes => ControlCodec.Decode((byte[])[0x95, 0x02, 0x02, 0x02, .. bytes]) is null or PeerLeft { Peer: 2 }, iter: 20_000);
        Gen.Byte.Array[0, 40].Sample(bytes => ControlCodec.Decode((byte[])[0x95, 0x02, 0x02, 0x02, 0xA1, 0x41, .. bytes]) is null or PeerLeft { Text: "A" }, iter: 20_000);
        Gen.Select(Messages, Gen.Int[0, int.MaxValue]).Sample((message, at) =>
        {
            var bytes = ControlCodec.Encode(message);
            bytes[at / 8 % bytes.Length] ^= (byte)(1 << (at % 8));
            switch (ControlCodec.Decode(bytes))
            {
                case PeersJoined joined:
                    Assert.All(joined.Peers, peer => Assert.InRange(peer, 2, int.MaxValue));
                    break;
                case PeerLeft left:
                    Assert.InRange(left.Peer, 2, int.MaxValue);
                    break;
            }
        }, iter: 2_000);
    }

    [Theory]
    [InlineData("an array of 2^32 - 1 fields", "DDFFFFFFFF")]
    [InlineData("peers by the billion", "9201DD7FFFFFFF0203")]
    [InlineData("a text of 4 GiB", "95020201DBFFFFFFFF41")]
    [InlineData("marks of 4 GiB", "95020201A0C6FFFFFFFF00")]
    [InlineData("no peers", "920190")]
    [InlineData("the server as a relayed peer", "92019101")]
    [InlineData("nobody as a relayed peer", "92019100")]
    [InlineData("a negative peer", "920191FF")]
    [InlineData("a peer of 2^63", "920191CF8000000000000000")]
    [InlineData("a text where a peer should be", "920191A13A")]
    [InlineData("no text", "95020201C0C400")]
    [InlineData("another type", "92039102")]
    [InlineData("too few fields", "91019102")]
    [InlineData("a reason of 300", "950202CD012CA0C400")]
    [InlineData("nothing", "")]
    public void What_no_honest_server_writes_is_no_message(string what, string hex)
    {
        Assert.True(ControlCodec.Decode(Convert.FromHexString(hex)) is null, what);
    }

    [Fact]
    public void Bombs_are_refused_without_memory_or_time()
    {
        // Arrays within arrays as deep as a message is long, and maps that announce more than they hold.
        byte[][] bombs =
        [
            [.. Enumerable.Repeat((byte)0x91, ControlCodec.MaxBytes)],
            [.. Enumerable.Repeat((byte)0xDD, ControlCodec.MaxBytes)],
            [0x92, 0x01, .. Enumerable.Repeat((byte)0x91, ControlCodec.MaxBytes - 2)],
            [0x92, 0x01, 0xDC, 0x20, 0x01, .. Enumerable.Repeat((byte)0x02, 0x2001)],
            [.. Enumerable.Repeat((byte)0xDF, ControlCodec.MaxBytes)],
            new byte[ControlCodec.MaxBytes + 1],
        ];
        ControlCodec.Decode(bombs[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var fastest = TimeSpan.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var started = Stopwatch.GetTimestamp();
            foreach (var bomb in bombs)
                Assert.Null(ControlCodec.Decode(bomb));
            var elapsed = Stopwatch.GetElapsedTime(started);
            fastest = elapsed < fastest ? elapsed : fastest;
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 120 * 40_000);

        // The others may have waited for the processor.
        Assert.InRange(fastest.TotalSeconds, 0, 0.1);
    }

    [Fact]
    public void The_largest_roster_part_fits_a_message()
    {
        var message = new PeersJoined([.. Enumerable.Range(0, ControlCodec.MaxPeers).Select(i => int.MaxValue - i)]);
        var bytes = ControlCodec.Encode(message);
        Assert.InRange(bytes.Length, 1, ControlCodec.MaxBytes);
        AssertSame(message, ControlCodec.Decode(bytes));
    }

    [Fact]
    public void A_peer_that_used_every_channel_can_leave()
    {
        var message = new PeerLeft(7, DisconnectReason.Closed, "", [.. Enumerable.Range(0, 255).Select(i => (byte)i)]);
        AssertSame(message, ControlCodec.Decode(ControlCodec.Encode(message)));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("€")]
    [InlineData("😀")]
    public void A_text_that_is_too_long_is_cut_at_a_character_and_not_refused_by_the_reader(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 5_000));
        var read = Assert.IsType<PeerLeft>(ControlCodec.Decode(ControlCodec.Encode(new PeerLeft(7, DisconnectReason.Kicked, "a" + text, [1]))));
        Assert.StartsWith(read.Text, "a" + text, StringComparison.Ordinal);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(read.Text), 196, 200);
    }

    private static void AssertSame(IControlMessage expected, IControlMessage? actual)
    {
        switch (expected)
        {
            case PeersJoined joined:
                Assert.Equal(joined.Peers, Assert.IsType<PeersJoined>(actual).Peers);
                return;
            case PeersReturned returned:
                Assert.Equal(returned.Peers, Assert.IsType<PeersReturned>(actual).Peers);
                return;
            case ServersTold told:
                Assert.Equal(told.Endpoints, Assert.IsType<ServersTold>(actual).Endpoints);
                return;
            case RosterSettled:
                Assert.IsType<RosterSettled>(actual);
                return;
        }

        var (wanted, left) = ((PeerLeft)expected, Assert.IsType<PeerLeft>(actual));
        Assert.Equal((wanted.Peer, wanted.Reason, wanted.Text), (left.Peer, left.Reason, left.Text));
        Assert.Equal(wanted.Marks, left.Marks);
    }

    /// <summary>Text without halves of characters, which no encoding carries.</summary>
    private static string Legal(string text) => new([.. text.Where(c => !char.IsSurrogate(c))]);
}
