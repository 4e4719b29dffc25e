using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Tests.Delivery;

namespace Peer.Tests.Links;

/// <summary>Frames that only a peer with the keys can send, and no honest one does.</summary>
public sealed class HostileFrameTests
{
    [Theory]
    [InlineData("an unknown type", "08")]
    [InlineData("the type before DATA", "3F")]
    [InlineData("the type after DATA", "80")]
    [InlineData("the last type", "FF")]
    [InlineData("something after a ping", "010133")]
    [InlineData("ACK: nothing", "02")]
    [InlineData("ACK: never sent", "0280808004000000")]
    [InlineData("ACK: 2^62", "0280808080808080808040000000")]
    [InlineData("ACK: 2^64 - 1", "02FFFFFFFFFFFFFFFFFF01000000")]
    [InlineData("ACK: not in its shortest form", "028000000000")]
    [InlineData("ACK: a range below zero", "0200000005")]
    [InlineData("ACK: 65 ranges", "0200004000")]
    [InlineData("ACK: ranges cut off", "0200000300")]
    [InlineData("CREDIT: nothing", "03")]
    [InlineData("CREDIT: 2^63", "0380808080808080808001")]
    [InlineData("CREDIT: 11 bytes", "038080808080808080808001")]
    [InlineData("PATH_CHALLENGE: 7 bytes", "0401020304050607")]
    [InlineData("PATH_RESPONSE: 7 bytes", "0501020304050607")]
    [InlineData("CLOSE: nothing", "06")]
    [InlineData("CLOSE: text of 201", "0601C9", 201)]
    [InlineData("CLOSE: text cut off", "0601C8", 199)]
    [InlineData("CLOSE: payload of 1025", "0601008108", 1_025)]
    [InlineData("CLOSE: payload of 2^63", "060100FFFFFFFFFFFFFFFF7F", 10)]
    [InlineData("DATA: nothing", "42")]
    [InlineData("DATA: mode 3", "430300000000020141")]
    [InlineData("DATA: control that is not reliable", "6000000000020141")]
    [InlineData("DATA: channel 255 without CONTROL", "42FF00000000020141")]
    [InlineData("DATA: empty", "42030000000000")]
    [InlineData("DATA: cut off", "420300000000030141")]
    [InlineData("DATA: length of 2^63", "4203000000008080808080808080800141")]
    [InlineData("DATA: ENDED without PEER", "52030000000000")]
    [InlineData("DATA: ENDED with a payload", "56030000000007000000020141")]
    [InlineData("DATA: ENDED piece", "5E030000000007000000000200")]
    [InlineData("DATA: a single piece", "4A030000000000010141")]
    [InlineData("DATA: piece beyond its count", "4A030000000002020141")]
    [InlineData("DATA: 65 536 pieces", "4A0300000000008080040141")]
    [InlineData("DATA: an empty message", "4203000000000100")]
    [InlineData("DATA: a message longer than its frame", "420300000000020941")]
    [InlineData("DATA: a message larger than any may be", "4A030000000000FFFF03E807", 1_000)]
    [InlineData("DATA: a number beyond the window", "420300000100020141")]
    public void It_ends_the_connection(string what, string hex, int zeros = 0)
    {
        using var pair = new LinkPair().Settle();
        Forge(pair, [.. Bytes(hex), .. new byte[zeros]]);
        Assert.True(pair.Server.Link.State != LinkState.Open, what);
        Assert.Equal(DisconnectReason.ProtocolViolation, pair.Server.Link.End.Reason);
        Assert.Empty(pair.Server.Taken);
        pair.RunUntil(() => pair.Server.Link.State == LinkState.Closed, 5_000_000);
        Assert.Equal(long.MaxValue, pair.Server.NextTimeout(pair.Now));
    }

    [Theory]
    [InlineData("nothing at all", "")]
    [InlineData("padding", "0000000000")]
    [InlineData("pings", "01010101")]
    [InlineData("an answer to a close that nobody sent", "07")]
    [InlineData("an answer to a challenge that nobody sent", "050102030405060708")]
    [InlineData("less credit than before", "0300")]
    [InlineData("the same acknowledgement twice", "02000000000200000000")]
    public void It_changes_nothing(string what, string hex)
    {
        using var pair = new LinkPair().Settle();
        Forge(pair, Bytes(hex));
        Assert.True(pair.Server.Link.State == LinkState.Open, what);
        Assert.Equal(0, pair.Server.PathsValidated);
        Assert.Empty(pair.Server.Taken);
    }

    [Fact]
    public void Credit_that_was_not_granted_cannot_be_used()
    {
        using var pair = new LinkPair(settings: new LinkSettings { ReceiveWindow = 64_000 }).Settle();
        pair.Server.Consumes = false;
        using var forging = pair.ForgeAsClient();
        for (var i = 0; i < 80; i++)
            Send(pair, forging, 1_000 + i, Messages.Encode(new OutboundFrame { Key = Messages.Reliable, Sequence = i, Payload = Messages.RunBytes(new byte[1_000]) }));
        pair.RunFor(1_000);
        Assert.Equal(DisconnectReason.ProtocolViolation, pair.Server.Link.End.Reason);
        Assert.InRange(pair.Server.Taken.Count, 60, 64);
    }

    [Fact]
    public void What_follows_the_violation_in_the_same_datagram_counts_no_more()
    {
        using var pair = new LinkPair().Settle();
        Forge(pair, [0x33, .. Messages.Encode(new OutboundFrame { Key = Messages.Reliable, Sequence = 0, Payload = Messages.RunBytes([1]) })]);
        Assert.Empty(pair.Server.Taken);
    }

    [Fact]
    public void Random_frames_end_the_connection_or_change_nothing_but_never_throw()
    {
        var random = new Random(5);
        for (var i = 0; i < 2_000; i++)
        {
            using var pair = new LinkPair();
            var frames = new byte[random.Next(1, 60)];
            random.NextBytes(frames);
            frames[0] = (byte)(random.Next(2) == 0 ? random.Next(8) : 0x40 + random.Next(0x40));
            Forge(pair, frames);
            Assert.True(pair.Server.Link.State == LinkState.Open || pair.Server.Link.End.Reason != DisconnectReason.None);
        }
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex);

    private static void Forge(LinkPair pair, byte[] frames)
    {
        using var forging = pair.ForgeAsClient();
        Send(pair, forging, 1_000, frames);
        pair.RunFor(10);
    }

    private static void Send(LinkPair pair, PacketProtection forging, long number, byte[] frames)
    {
        var datagram = new byte[SealedHeader.Length + frames.Length + SealedHeader.TagLength];
        SealedHeader.Write(datagram, LinkPair.ServerId, number, frames.Length);
        frames.CopyTo(datagram, SealedHeader.Length);
        forging.Seal(datagram, SealedHeader.Length, number);
        pair.ToServer.Inject(datagram, pair.Now);
    }
}
