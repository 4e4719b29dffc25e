using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Wire;

/// <summary>A client that has joined and then breaks the rules is cut off; nobody else notices more than that it left.</summary>
public sealed class SubvertedClientStories(ITestOutputHelper output)
{
    private static readonly SequenceKey Chat = new(3, TransferMode.Reliable);

    [Theory]
    [InlineData("an unknown frame")]
    [InlineData("half a frame")]
    [InlineData("an acknowledgement of what was never sent")]
    [InlineData("a frame of no sequence")]
    [InlineData("a payload that is no run")]
    [InlineData("a number beyond the window")]
    [InlineData("a control message of the server's")]
    [InlineData("a control message that is a bomb")]
    [InlineData("a control message that is no message")]
    [InlineData("an end of another peer's sequence")]
    public void It_is_cut_off_for(string what)
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var witness = arena.Join(server);
        using var forger = new Forger(server.Peer.LocalPort);
        arena.Until(() => witness.Knows(forger.Offer.PeerId), "the forger has joined");
        forger.Send(Crime(what, witness.Id));

        Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
        arena.Until(() => server.Signals.Contains($"-{forger.Offer.PeerId}") && witness.Signals.Contains($"-{forger.Offer.PeerId}"), "its end is heard of");
        Assert.Equal(["+1", "succeeded", $"+{forger.Offer.PeerId}", $"-{forger.Offer.PeerId}"], witness.Signals);
        witness.Say("still here", target: 1);
        server.Say("good", target: witness.Id);
        arena.Until(() => server.Packets.Count == 1 && witness.Packets.Count == 1, "the others talk on");
        Assert.Empty(server.Heard(forger.Offer.PeerId));
    }

    [Fact]
    public void It_cannot_speak_in_another_peers_name()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var witness = arena.Join(server);
        using var forger = new Forger(server.Peer.LocalPort);
        arena.Until(() => witness.Knows(forger.Offer.PeerId), "the forger has joined");

        // Towards a server the peer field names the target; whatever it says, the sender is the connection's own.
        forger.Send(Frame(Chat, 0, witness.Id, Messages.RunBytes("hi"u8.ToArray())));
        forger.Send(Frame(Chat, 1, 1, Messages.RunBytes("ho"u8.ToArray())));
        arena.Until(() => witness.Packets.Count == 1 && server.Packets.Count == 1, "both packets arrive");
        Assert.Equal(forger.Offer.PeerId, witness.Packets[0].Peer);
        Assert.Equal(forger.Offer.PeerId, server.Packets[0].Peer);
    }

    private static byte[] Crime(string what, int victim) => what switch
    {
        "an unknown frame" => [0x33],
        "half a frame" => [0x42, 3, 0],
        "an acknowledgement of what was never sent" => [0x02, 0xFF, 0xFF, 0x7F, 0, 0, 0],
        "a frame of no sequence" => [0x43, 3, 0, 0, 0, 0, 2, 1, 65],
        "a payload that is no run" => [0x42, 3, 0, 0, 0, 0, 2, 9, 65],
        "a number beyond the window" => Frame(Chat, DeliverySettings.MaxWindowFrames, null, Messages.RunBytes([1])),
        "a control message of the server's" => Frame(SequenceKey.Control, 0, null, Messages.RunBytes(ControlCodec.Encode(new PeerLeft(victim, DisconnectReason.Kicked, "", [])))),
        "a control message that is a bomb" => Frame(SequenceKey.Control, 0, null, Messages.RunBytes(Convert.FromHexString("95020201DBFFFFFFFF41"))),
        "a control message that is no message" => Frame(SequenceKey.Control, 0, null, Messages.RunBytes([0xC1])),
        _ => Frame(Chat, 0, victim, null),
    };

    private static byte[] Frame(SequenceKey key, long sequence, int? peer, byte[]? run) =>
        Delivery.Messages.Encode(new OutboundFrame { Key = key, Sequence = sequence, Peer = peer, Ended = run is null, Payload = run });

    private static class Messages
    {
        public static byte[] RunBytes(params byte[][] messages) => Delivery.Messages.RunBytes(messages);
    }
}
