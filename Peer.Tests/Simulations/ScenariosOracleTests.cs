using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit.Scenarios;

namespace Peer.Tests.Simulations;

/// <summary>False histories: each law must notice its own breach, and a true history none.</summary>
public sealed class ScenariosOracleTests
{
    private readonly Sky _sky = new();
    private readonly Oracle _oracle;
    private readonly Session _server;
    private readonly Session _ann;
    private readonly Session _bob;
    private TimeSpan _now;

    public ScenariosOracleTests()
    {
        _oracle = new Oracle(() => _now, relay: true, _sky);
        _server = _oracle.Begin("server", SessionKind.Server, 1);
        _ann = _oracle.Begin("ann", SessionKind.Client);
        _bob = _oracle.Begin("bob", SessionKind.Client);
        Meet(_ann, 20);
        Meet(_bob, 30);
        _oracle.Joined(_ann, 30, 20);
        _oracle.Joined(_bob, 20, 30);
    }

    private string? Broken => _oracle.Violation?.Law;

    [Fact]
    public void A_true_history_breaks_nothing()
    {
        var first = Put(_ann, 0);
        var second = Put(_ann, -1);
        var third = Put(_ann, 30);
        Take(_server, first);
        Take(_bob, first);
        Take(_bob, second);
        Take(_bob, third);
        _oracle.Finish(["server", "ann", "bob"]);
        Assert.Null(_oracle.Violation);
        Assert.Equal(4, _oracle.Delivered);
    }

    [Fact]
    public void Reliable_packets_come_once()
    {
        var packet = Put(_ann, 1);
        Take(_server, packet);
        Assert.Null(Broken);
        Take(_server, packet);
        Assert.Equal(Laws.ReliableExactlyOnce, Broken);
    }

    [Fact]
    public void Reliable_packets_come_in_order()
    {
        var first = Put(_ann, 1);
        Take(_server, Put(_ann, 1));
        Assert.Equal(Laws.ReliableExactlyOnce, Broken);
        Assert.Contains($"packet {first.Number} before", _oracle.Violation!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_reliable_packet_in_the_middle_cannot_be_missing()
    {
        Take(_bob, Put(_ann, 0));
        Put(_ann, 30);
        Put(_ann, 1);
        Take(_bob, Put(_ann, -1));
        Assert.Equal(Laws.ReliableExactlyOnce, Broken);
    }

    [Fact]
    public void Channels_do_not_wait_for_one_another_and_packets_for_others_leave_no_gap()
    {
        Put(_ann, 0, channel: 3);
        Put(_ann, 1);
        Put(_ann, -30);
        Take(_bob, Put(_ann, 0));
        Assert.Null(Broken);
    }

    [Fact]
    public void What_was_put_before_the_sender_knew_the_receiver_may_be_missing()
    {
        Put(_server, 0);
        var eve = _oracle.Begin("eve", SessionKind.Client);
        Meet(eve, 40);
        Take(eve, Put(_server, 0));
        Assert.Null(Broken);
        Put(_server, 0);
        Take(eve, Put(_server, 0));
        Assert.Equal(Laws.ReliableExactlyOnce, Broken);
    }

    [Fact]
    public void Ordered_packets_do_not_go_back()
    {
        var first = Put(_ann, 1, mode: TransferMode.UnreliableOrdered);
        var second = Put(_ann, 1, mode: TransferMode.UnreliableOrdered);
        Take(_server, second);
        Assert.Null(Broken);
        Take(_server, first);
        Assert.Equal(Laws.OrderedMonotonic, Broken);
    }

    [Fact]
    public void Unreliable_packets_come_once_in_any_order()
    {
        var first = Put(_ann, 1, mode: TransferMode.Unreliable);
        Take(_server, Put(_ann, 1, mode: TransferMode.Unreliable));
        Take(_server, first);
        Assert.Null(Broken);
        Take(_server, first);
        Assert.Equal(Laws.UnreliableAtMostOnce, Broken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(31)]
    public void A_flipped_bit_is_noticed(int at)
    {
        var packet = Put(_ann, 1, length: 32);
        packet.Payload[at] ^= 4;
        Take(_server, packet);
        Assert.Equal(Laws.PayloadIntact, Broken);
    }

    [Fact]
    public void A_packet_cut_short_is_noticed()
    {
        var packet = Put(_ann, 1, length: 32);
        Take(_server, packet with { Payload = packet.Payload[..31] });
        Assert.Equal(Laws.PayloadIntact, Broken);
    }

    [Fact]
    public void A_packet_under_another_name_is_noticed()
    {
        Take(_server, Put(_ann, 1), sender: 30);
        Assert.Equal(Laws.TrueSender, Broken);
    }

    [Fact]
    public void A_packet_on_another_channel_or_in_another_mode_is_noticed()
    {
        Take(_server, Put(_ann, 1) with { Channel = 9 });
        Assert.Equal(Laws.TrueSender, Broken);
    }

    [Theory]
    [InlineData(-30)]
    [InlineData(1)]
    public void A_packet_for_others_is_noticed(int target)
    {
        Take(_bob, Put(_ann, target));
        Assert.Equal(Laws.Addressed, Broken);
    }

    [Fact]
    public void An_echo_is_noticed()
    {
        _ann.Views.Add(20, new View { IsPresent = true });
        Take(_ann, Put(_ann, 0));
        Assert.Equal(Laws.Addressed, Broken);
    }

    [Fact]
    public void Connected_twice_is_noticed()
    {
        _oracle.Joined(_ann, 30, 20);
        Assert.Equal(Laws.SignalsAlternate, Broken);
    }

    [Fact]
    public void Disconnected_before_connected_is_noticed()
    {
        _oracle.Left(_ann, 77, DisconnectReason.Closed);
        Assert.Equal(Laws.SignalsAlternate, Broken);
    }

    [Fact]
    public void Somebody_before_the_server_is_noticed()
    {
        _oracle.Joined(_oracle.Begin("eve", SessionKind.Client), 20, 40);
        Assert.Equal(Laws.SignalsAlternate, Broken);
    }

    [Fact]
    public void A_server_lost_without_its_peers_is_noticed()
    {
        _oracle.LostServer(_ann);
        Assert.Equal(Laws.SignalsAlternate, Broken);
    }

    [Fact]
    public void Two_peers_with_one_ID_are_noticed()
    {
        Meet(_oracle.Begin("eve", SessionKind.Client), 30);
        Assert.Equal(Laws.SignalsAlternate, Broken);
    }

    [Fact]
    public void A_packet_after_its_sender_left_is_noticed()
    {
        var packet = Put(_ann, 0);
        _sky.MayBe = true;
        _oracle.Left(_bob, 20, DisconnectReason.Timeout);
        Assert.Null(Broken);
        Take(_bob, packet);
        Assert.Equal(Laws.PacketsBetweenSignals, Broken);
    }

    [Theory]
    [InlineData(30, Error.Busy)]
    [InlineData(30, Error.InvalidParameter)]
    [InlineData(77, Error.Ok)]
    public void A_put_refused_or_taken_without_cause_is_noticed(int target, Error outcome)
    {
        _oracle.Put(_ann, 0, TransferMode.Reliable, target, 8, outcome);
        Assert.Equal(Laws.PutOutcome, Broken);
    }

    [Theory]
    [InlineData(DisconnectReason.Timeout, Laws.NoNeedlessLoss)]
    [InlineData(DisconnectReason.Closed, Laws.NoNeedlessLoss)]
    [InlineData(DisconnectReason.Kicked, Laws.NoNeedlessLoss)]
    [InlineData(DisconnectReason.ShuttingDown, Laws.NoNeedlessLoss)]
    [InlineData(DisconnectReason.ProtocolViolation, Laws.NoFailure)]
    [InlineData(DisconnectReason.InternalError, Laws.NoFailure)]
    [InlineData(DisconnectReason.QueueOverflow, Laws.NoFailure)]
    public void A_loss_without_cause_is_noticed(DisconnectReason reason, string law)
    {
        _oracle.Left(_server, 20, reason);
        Assert.Equal(law, Broken);
    }

    [Fact]
    public void A_loss_with_a_cause_is_none_of_the_oracles_business()
    {
        _sky.MayBe = true;
        _oracle.Left(_server, 20, DisconnectReason.Timeout);
        _oracle.Kicks(_server, 30);
        _oracle.Left(_server, 30, DisconnectReason.Kicked);
        Assert.Null(Broken);
    }

    [Fact]
    public void An_attempt_that_fails_without_cause_is_noticed()
    {
        _oracle.Failed(_oracle.Begin("eve", SessionKind.Client), DisconnectReason.NoAnswer, "");
        Assert.Equal(Laws.NoNeedlessLoss, Broken);
    }

    [Fact]
    public void A_graceful_close_that_loses_something_is_noticed()
    {
        Take(_server, Put(_ann, 0));
        Put(_ann, 0);
        _oracle.Closing(_ann);
        _now += TimeSpan.FromMilliseconds(100);
        _server.PolledAt = _now;
        _oracle.Left(_server, 20, DisconnectReason.Closed);
        Assert.Equal(Laws.GracefulClose, Broken);
    }

    [Fact]
    public void A_server_that_closes_cuts_short_the_close_of_its_clients()
    {
        Put(_ann, 30);
        _oracle.Closing(_ann);
        _oracle.Closing(_server);
        _now += TimeSpan.FromMilliseconds(100);
        _bob.PolledAt = _now;
        _oracle.Left(_bob, 20, DisconnectReason.Closed);
        Assert.Null(Broken);
    }

    [Fact]
    public void A_close_that_ran_out_of_time_may_lose_the_rest()
    {
        Put(_ann, 0);
        _oracle.Closing(_ann);
        _now += TimeSpan.FromSeconds(6);
        _server.PolledAt = _now;
        _oracle.Left(_server, 20, DisconnectReason.Closed);
        Assert.Null(Broken);
    }

    [Fact]
    public void What_never_arrives_is_noticed_at_the_end()
    {
        Take(_server, Put(_ann, 0));
        _oracle.Finish([]);
        Assert.Equal(Laws.Quiescence, Broken);
        Assert.Contains("bob", _oracle.Violation!.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_roster_that_lacks_somebody_is_noticed_at_the_end()
    {
        Meet(_oracle.Begin("eve", SessionKind.Client), 40);
        _oracle.Finish([]);
        Assert.Equal(Laws.RosterConverges, Broken);
    }

    [Fact]
    public void A_roster_that_kept_somebody_is_noticed_at_the_end()
    {
        _oracle.End(_ann);
        _oracle.Finish([]);
        Assert.Equal(Laws.RosterConverges, Broken);
    }

    [Fact]
    public void A_host_that_never_came_back_is_noticed_at_the_end()
    {
        _oracle.Finish(["server", "eve"]);
        Assert.Equal(Laws.RosterConverges, Broken);
    }

    private void Meet(Session client, int id)
    {
        _oracle.Joined(_server, id, 1);
        _oracle.Joined(client, 1, id);
    }

    private Packet Put(Session sender, int target, int channel = 0, TransferMode mode = TransferMode.Reliable, int length = 16)
    {
        var number = _oracle.Next;
        var payload = new byte[length];
        Payload.Write(payload, number);
        _oracle.Put(sender, channel, mode, target, length, Error.Ok);
        return new Packet(number, payload, sender.Id, channel, mode);
    }

    private void Take(Session receiver, Packet packet, int? sender = null) =>
        _oracle.Arrived(receiver, new ReceivedPacket(packet.Payload, sender ?? packet.Sender, packet.Channel, packet.Mode));

    private sealed record Packet(uint Number, byte[] Payload, int Sender, int Channel, TransferMode Mode);

    private sealed class Sky : ICauses
    {
        public bool MayBe { get; set; }

        public bool MayTimeOut(string one, string other, TimeSpan since) => MayBe;

        public bool MayFail(string host, DisconnectReason reason, TimeSpan since) => MayBe;
    }
}
