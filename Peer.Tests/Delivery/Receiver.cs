using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>An inbound sequence with its budgets, fed by hand.</summary>
internal sealed class Receiver : IDisposable
{
    private readonly DeliverySettings _settings;

    public Receiver(SequenceKey key, DeliverySettings? settings = null, long partials = 1 << 20, long reliable = 32 << 20, long firstSequence = 0)
    {
        Key = key;
        _settings = settings ?? new DeliverySettings();
        Partials = new ByteBudget(partials);
        Reliable = new ByteBudget(reliable);
        Sequence = new InboundSequence(key, _settings, Partials, Reliable, Early, firstSequence);
    }

    public SequenceKey Key { get; }

    public ByteBudget Partials { get; }

    public ByteBudget Reliable { get; }

    public ByteBudget Early { get; } = new(1 << 20);

    public InboundSequence Sequence { get; }

    public List<DeliveredRun> Delivered { get; } = [];

    public long Now { get; set; }

    /// <summary>The messages handed up, each as its first byte.</summary>
    public IEnumerable<int> FirstBytes => Delivered.SelectMany(run => Messages.Split(run.Bytes)).Select(message => (int)message[0]);

    public InboundVerdict Take(InboundFrame frame) => Sequence.Receive(frame, Now, Delivered);

    /// <summary>One frame with one message of one byte.</summary>
    public InboundVerdict Take(long sequence, byte content = 1) => Take(Messages.Frame(Key, sequence, [content]));

    public InboundVerdict TakePiece(long start, int index, int count, int length = 100, int? peer = null) =>
        Take(Messages.Piece(Key, start, index, count, new byte[length], peer));

    /// <summary>The application takes everything, the sequence ends: nothing may be reserved any longer.</summary>
    public void Dispose()
    {
        foreach (var run in Delivered)
            Reliable.Release(run.CreditBytes);
        Sequence.Dispose();
        Assert.Equal((0L, 0L, 0L), (Partials.Used, Reliable.Used, Early.Used));
    }
}
