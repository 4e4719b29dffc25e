using Peer.Protocol;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A client that holds the keys and uses them only to be waited for.</summary>
public sealed class IdlePeerAttacks(ITestOutputHelper output)
{
    private const string Small = "actorpeer.delivery.max-message = 64KiB, actorpeer.connection { receive-window = 256KiB, outgoing-queue = 128KiB, idle-timeout = 60s }";

    [Fact]
    [Trait("Attack", "12")]
    public void A_peer_that_pings_and_never_acknowledges_fills_its_own_queue_and_no_other()
    {
        using var fortress = new Fortress(output, Small);
        using var idler = new Forger(fortress.Port);
        var id = idler.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the idler is in");
        var accepted = 0;
        fortress.Withstands(10, _ =>
        {
            for (var i = 0; i < 50; i++)
                accepted += fortress.Server.Put(new byte[10_000], target: id) == Error.Ok ? 1 : 0;
            idler.Send(1, 0, 0, 0, 0, 0, 0, 0, 0);
            idler.Drain();
        });

        // 128 KiB may wait for one peer, and what is asked beyond that is Busy.
        Assert.InRange(accepted, 1, 13);
        Assert.Equal(Error.Busy, fortress.Server.Put(new byte[60_000], target: id));
    }

    [Fact]
    [Trait("Attack", "12")]
    public void A_peer_that_does_not_keep_up_with_what_is_relayed_to_it_is_let_go()
    {
        using var fortress = new Fortress(output, Small);
        using var idler = new Forger(fortress.Port);
        var id = idler.Offer.PeerId;
        fortress.Until(() => fortress.Bystanders[0].Knows(id), "the idler is in");
        fortress.Until(
            () =>
            {
                fortress.Bystanders[0].Put(new byte[10_000], target: id);
                idler.Send(1, 0, 0, 0, 0, 0, 0, 0, 0);
                idler.Drain();
                return fortress.Server.Signals.Contains($"-{id}");
            },
            "the idler is let go");
        Assert.Equal(DisconnectReason.QueueOverflow, fortress.Server.Reasons[^1].Reason);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "12")]
    public void A_peer_that_sends_into_a_reader_who_does_not_read_cannot_pass_its_credit()
    {
        using var fortress = new Fortress(output, Small);
        using var forger = new Forger(fortress.Port);
        var id = forger.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger is in");
        fortress.Server.Reads = false;
        var run = Delivery.Messages.RunBytes(new byte[1_000]);
        fortress.Arrive(300, i => forger.Send(Delivery.Messages.Encode(new Protocol.Delivery.OutboundFrame { Key = new SequenceKey(3, TransferMode.Reliable), Sequence = i, Payload = run })));

        // 256 KiB were granted; the 300 KB that it sends all the same are its end.
        Assert.Equal(DisconnectReason.ProtocolViolation, forger.AwaitClose().Reason);
        fortress.Server.Reads = true;
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "it is cut off");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "12")]
    public void A_peer_that_never_acknowledges_who_joins_and_leaves_is_let_go()
    {
        using var fortress = new Fortress(output, $"{Small}\nactorpeer.server.max-peers = 8");
        using var idler = new Forger(fortress.Port);
        var id = idler.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the idler is in");

        // Each leave is marked in every sequence that it has begun. 4 096 notices may wait for it, and 64 for each of eight peers.
        const int Channels = 250;
        for (var channel = 0; channel < Channels; channel++)
            idler.Send(Delivery.Messages.Encode(new Protocol.Delivery.OutboundFrame { Key = new SequenceKey((byte)channel, TransferMode.Reliable), Sequence = 0, Payload = Delivery.Messages.RunBytes([1]) }));
        fortress.Until(() => fortress.Server.Packets.Count(packet => packet.Peer == id) == Channels, "they are begun");
        for (var passers = 0; passers < 25 && !fortress.Server.Signals.Contains($"-{id}"); passers++)
        {
            var passer = fortress.Welcomes();
            var passing = passer.Id;
            passer.End();
            fortress.Until(() => fortress.Server.Signals.Contains($"-{passing}"), "somebody passes");
            idler.Send(1, 0, 0, 0, 0, 0, 0, 0, 0);
            idler.Drain();
        }

        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "the idler is let go");

        // It is told so for a while before that is heard of, and others go on passing.
        var leaves = fortress.Server.Signals.Where(signal => signal[0] == '-').ToList();
        Assert.Equal(DisconnectReason.QueueOverflow, fortress.Server.Reasons[leaves.IndexOf($"-{id}")].Reason);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "12")]
    public void A_newcomer_that_never_confirms_gives_its_place_back()
    {
        using var fortress = new Fortress(output, "actorpeer.server { half-open = 5, confirm-timeout = 4s }");
        using var stranger = new Stranger(fortress.Port);
        var kinds = Enumerable.Range(0, 8).Select(i => Hellos.AskInFull(stranger, Hellos.Of(i))[0]).ToArray();
        Assert.Equal(3, kinds.Count(kind => kind == Protocol.Handshake.HandshakeFormat.RefusedKind));
        fortress.Until(() => fortress.Counters.HalfOpen == 0, "they are forgotten");
        Assert.Equal(5, fortress.Counters.Unconfirmed);
        fortress.Welcomes();
        fortress.Undisturbed();
    }
}
