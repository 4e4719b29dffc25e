using Peer.Actors;
using Peer.Lab.Scale.Simulated;
using Peer.Protocol;

namespace Peer.Tests.Lab.Scale;

/// <summary>A ledger that finds nothing wrong proves nothing unless it would find it.</summary>
public sealed class RoomLedgerTests
{
    private readonly RoomLedger _ledger = new(4, 2);

    public RoomLedgerTests()
    {
        for (var bot = 0; bot < 4; bot++)
            _ledger.Joined(bot, 100 + bot);
    }

    [Fact]
    public void What_everybody_has_heard_once_is_delivered()
    {
        foreach (var message in new[] { _ledger.Say(2), _ledger.Say(2) })
        {
            Assert.False(_ledger.IsEven);
            _ledger.HeardByRoom(1, Of(102, message));
            _ledger.HeardByBot(3, Of(102, message));
        }

        Assert.True(_ledger.IsEven);
        Assert.Equal(new LedgerTotals(2, 4, 4, 0, 0, 0, 0), _ledger.Total());
        Assert.Empty(_ledger.Complaints);
    }

    [Fact]
    public void What_nobody_hears_is_lost()
    {
        _ledger.HeardByRoom(0, Of(100, _ledger.Say(0)));

        Assert.Equal(1, _ledger.Total().Lost);
        Assert.False(_ledger.IsEven);
    }

    [Fact]
    public void What_comes_twice_is_repeated_and_a_gap_is_lost()
    {
        var (first, second, third) = (_ledger.Say(0), _ledger.Say(0), _ledger.Say(0));
        foreach (var message in new[] { first, third, second, third })
            _ledger.HeardByRoom(0, Of(100, message));

        var total = _ledger.Total();
        Assert.Equal(2, total.Repeated);
        Assert.Equal(1 + 3, total.Lost);
        Assert.NotEmpty(_ledger.Complaints);
    }

    [Fact]
    public void A_room_that_crashed_lacks_no_more_than_its_players_were_told()
    {
        _ledger.Crashed(0);
        _ledger.Say(0);
        _ledger.Say(0);
        _ledger.ToldUnacknowledged(0, 1);

        Assert.Equal(4, _ledger.Total().LostInCrash);
        Assert.Contains(_ledger.Complaints, complaint => complaint.Contains("its room lacks 2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_under_another_ones_id_or_in_another_room_is_a_complaint()
    {
        _ledger.HeardByRoom(0, Of(101, _ledger.Say(0)));
        Assert.Single(_ledger.Complaints);

        _ledger.HeardByBot(2, Of(100, _ledger.Say(0)));
        Assert.Equal(2, _ledger.Complaints.Count);
    }

    private static PacketReceived Of(int peer, byte[] message) => new(peer, 0, TransferMode.Reliable, message);
}
