using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>A sequence whose receiver is gone for good: what may have arrived is counted, what cannot have is handed over.</summary>
public sealed class GivingUpTests : IDisposable
{
    private const int Large = 5_000;

    private static readonly DeliverySettings Standard = new();

    private readonly OutboundSequence _sequence = new(Messages.Reliable, Standard with { OutstandingBytes = 4_000 });
    private readonly List<Run> _unsent = [];

    [Fact]
    public void What_was_sent_and_not_acknowledged_is_counted_and_the_rest_goes_on_in_order()
    {
        _sequence.Submit(Messages.RunOf(Messages.Reliable, 7, [1], [2]));
        _sequence.Submit(Messages.RunOf(Messages.Reliable, null, [3]));
        _sequence.Submit(Messages.RunOf(Messages.Reliable, 7, [4], [5]));
        var frames = Messages.Cut(_sequence);
        Assert.Equal(3, frames.Count);
        frames[0].WasSent = true;
        frames[1].WasSent = true;
        _sequence.Acknowledged(frames[1]);
        _sequence.Submit(Messages.RunOf(Messages.Reliable, null, [6]));
        Assert.Equal(2, _sequence.GiveUp(_unsent));
        Assert.Equal([(7, 4), (7, 5), (0, 6)], Unsent());
        Assert.Equal(0, _sequence.QueuedBytes);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(3, 1)]
    public void A_message_in_pieces_goes_on_whole_or_not_at_all(int sent, int lost)
    {
        _sequence.Submit(Messages.RunOf(Messages.Reliable, null, [1], Messages.Numbered(2, Large), [3]));
        var frames = new List<OutboundFrame>();
        _sequence.Cut(frames);
        Assert.True(frames.Count(frame => frame.IsFragment) < frames[^1].FragmentCount, "the last pieces are not cut yet");
        for (var i = 0; i < sent; i++)
            frames[i + 1].WasSent = true;
        Assert.Equal(lost, _sequence.GiveUp(_unsent));
        Assert.Equal(lost == 0 ? [1, Large, 3] : [1, 3], _unsent.SelectMany(run => Messages.Split(run.Bytes)).Select(message => message.Length > 1 ? message.Length : message[0]));
    }

    [Fact]
    public void A_message_of_which_all_that_was_cut_is_acknowledged_is_lost_all_the_same()
    {
        _sequence.Submit(Messages.RunOf(Messages.Reliable, null, Messages.Numbered(2, Large)));
        var frames = new List<OutboundFrame>();
        _sequence.Cut(frames);
        foreach (var frame in frames)
        {
            frame.WasSent = true;
            _sequence.Acknowledged(frame);
        }

        Assert.Equal(1, _sequence.GiveUp(_unsent));
        Assert.Empty(_unsent);
    }

    public void Dispose() => _sequence.Dispose();

    private IEnumerable<(int Peer, int First)> Unsent() =>
        _unsent.SelectMany(run => Messages.Split(run.Bytes).Select(message => (run.Peer ?? 0, (int)message[0])));
}
