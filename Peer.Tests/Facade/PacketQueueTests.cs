using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Facade;

public sealed class PacketQueueTests
{
    private readonly Inbox _inbox = new(TimeProvider.System);
    private readonly PacketQueue _queue = new();

    [Fact]
    public void Credit_returns_when_the_last_message_of_a_run_is_taken()
    {
        var credit = new CreditLog();
        _queue.Enqueue(_inbox, new InboxItem(7, Runs.Delivered(Runs.Reliable, 111, [1], [2]), credit));
        _queue.Enqueue(_inbox, new InboxItem(8, Runs.Delivered(Runs.Reliable, 222, [3]), credit));

        Assert.Equal(3, _queue.Count);
        Assert.True(_queue.TryTake(out var first));
        Assert.Empty(credit.Returned);
        Assert.True(_queue.TryTake(out var second));
        Assert.Equal([111], credit.Returned);
        Assert.True(_queue.TryTake(out var third));
        Assert.Equal([111, 222], credit.Returned);
        Assert.False(_queue.TryTake(out _));
        Assert.Equal([7, 7, 8], [first.Peer, second.Peer, third.Peer]);
        Assert.Equal([1, 2, 3], [first.Payload.Span[0], second.Payload.Span[0], third.Payload.Span[0]]);
    }

    [Fact]
    public void Looking_at_the_next_packet_leaves_it_there()
    {
        _queue.Enqueue(_inbox, new InboxItem(7, Runs.Delivered(new SequenceKey(3, TransferMode.UnreliableOrdered), 0, [1], [2]), null));
        Assert.True(_queue.TryPeek(out var peeked));
        Assert.True(_queue.TryPeek(out var again));
        Assert.True(_queue.TryTake(out var taken));
        Assert.Equal(peeked, again);
        Assert.Equal(peeked, taken);
        Assert.Equal((3, TransferMode.UnreliableOrdered), (taken.Channel, taken.Mode));
        Assert.Equal(1, _queue.Count);
    }

    [Fact]
    public void A_run_without_messages_is_consumed_at_once()
    {
        var credit = new CreditLog();
        _queue.Enqueue(_inbox, new InboxItem(7, new DeliveredRun(Runs.Reliable, 7, true, default, 0, 5), credit));
        Assert.Equal(0, _queue.Count);
        Assert.Equal([5], credit.Returned);
    }

    [Fact]
    public void A_run_that_holds_less_than_it_claims_does_not_stop_the_queue()
    {
        var honest = Runs.Delivered(Runs.Reliable, 10, [1]);
        var credit = new CreditLog();
        _queue.Enqueue(_inbox, new InboxItem(7, honest with { Messages = 4 }, credit));
        _queue.Enqueue(_inbox, new InboxItem(8, honest, credit));

        Assert.True(_queue.TryTake(out _));
        Assert.True(_queue.TryTake(out var next));
        Assert.Equal(8, next.Peer);
        Assert.Equal(0, _queue.Count);
        Assert.Equal([10, 10], credit.Returned);
    }

    [Fact]
    public void Forgetting_everything_returns_no_credit()
    {
        var credit = new CreditLog();
        _queue.Enqueue(_inbox, new InboxItem(7, Runs.Delivered(Runs.Reliable, 1, [1]), credit));
        _queue.Enqueue(_inbox, new InboxItem(7, Runs.Delivered(Runs.Reliable, 1, [1]), credit));
        _queue.Clear();
        Assert.Equal(0, _queue.Count);
        Assert.False(_queue.TryTake(out _));
        Assert.Empty(credit.Returned);
    }

    [Fact]
    public void A_packet_stays_as_it_is_until_the_next_take()
    {
        var (first, firstBuffer) = Owned([1], [2]);
        var (second, secondBuffer) = Owned([3]);
        _queue.Enqueue(_inbox, first);
        _queue.Enqueue(_inbox, second);

        Assert.True(_queue.TryTake(out _));
        Assert.True(_queue.TryTake(out var two));
        Assert.True(_queue.TryPeek(out _));
        Assert.Equal(2, two.Payload.Span[0]);
        Assert.True(_queue.TryTake(out var three));
        Assert.Empty(firstBuffer.Array);
        Assert.Equal(3, three.Payload.Span[0]);
        Assert.False(_queue.TryTake(out _));
        Assert.Empty(secondBuffer.Array);
    }

    [Fact]
    public void A_packet_outlives_the_close_that_it_asked_for()
    {
        var (first, firstBuffer) = Owned([1], [2]);
        var (second, secondBuffer) = Owned([3]);
        _queue.Enqueue(_inbox, first);
        _queue.Enqueue(_inbox, second);

        Assert.True(_queue.TryTake(out var packet));
        _queue.Clear();
        Assert.Equal(1, packet.Payload.Span[0]);
        Assert.Empty(secondBuffer.Array);
        Assert.False(_queue.TryTake(out _));
        Assert.Empty(firstBuffer.Array);
    }

    private static (InboxItem Item, RunBuffer Buffer) Owned(params byte[][] messages)
    {
        var run = Runs.Delivered(Runs.Reliable, 1, messages);
        var buffer = RunBuffer.Wrap(run.Bytes.ToArray());
        return (new InboxItem(7, run with { Bytes = buffer.Array, Owner = buffer }, null), buffer);
    }

    internal sealed class CreditLog : ICreditReturn
    {
        public List<int> Returned { get; } = [];

        public void Consumed(int bytes) => Returned.Add(bytes);
    }
}
