using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

/// <summary>Two ends of a sequence with a pipe between them that loses, repeats and reorders; what is not acknowledged is sent again and again.</summary>
internal sealed class LossyPipe : IDisposable
{
    private readonly Random _random;
    private readonly OutboundSequence _outbound;
    private readonly InboundSequence _inbound;
    private readonly List<OutboundFrame> _unacknowledged = [];
    private readonly List<byte[]> _underway = [];
    private readonly List<OutboundFrame> _acknowledgements = [];
    private readonly HashSet<RunBuffer> _buffers = [];
    private long _now = -1_000_000;

    public LossyPipe(SequenceKey key, int seed, double loss, DeliverySettings? settings = null, long firstSequence = 0)
    {
        Key = key;
        _random = new Random(seed);
        Loss = loss;
        Settings = settings ?? new DeliverySettings();
        _outbound = new OutboundSequence(key, Settings, firstSequence);
        _inbound = new InboundSequence(key, Settings, Partials, Reliable, Early, firstSequence);
    }

    public SequenceKey Key { get; }

    public DeliverySettings Settings { get; }

    /// <summary>Share of copies, and of acknowledgements, that never arrive.</summary>
    public double Loss { get; set; }

    public ByteBudget Partials { get; } = new(4 << 20);

    public ByteBudget Reliable { get; } = new(64 << 20);

    public ByteBudget Early { get; } = new(16 << 20);

    public OutboundSequence Outbound => _outbound;

    public InboundSequence Inbound => _inbound;

    /// <summary>Everything handed up, in order.</summary>
    public List<(int? Peer, bool Ended, byte[] Message)> Arrived { get; } = [];

    /// <summary>A pipe that only delays keeps the order.</summary>
    public bool Reorders { get; init; } = true;

    public void Send(Run run)
    {
        if (run.Owner is { } owner)
            _buffers.Add(owner);
        _outbound.Submit(run);
    }

    public void Send(int? peer, params byte[][] messages) => Send(Messages.RunOf(Key, peer, messages));

    /// <summary>One round: cut, send, lose, repeat, shuffle, receive, acknowledge.</summary>
    public void Round()
    {
        _now += 10_000;
        foreach (var frame in Messages.Cut(_outbound))
        {
            if (frame.Owner is { } owner)
                _buffers.Add(owner);
            Assert.True(DataHeader.Size(frame) + frame.Payload.Length <= Settings.FrameBytes);
            if (Key.Mode == TransferMode.Reliable)
            {
                _unacknowledged.Add(frame);
                continue;
            }

            Transmit(frame);
            _outbound.Finished(frame);
        }

        Assert.True(_outbound.OutstandingBytes <= Math.Max(Settings.OutstandingBytes, Settings.FrameBytes));
        foreach (var frame in _unacknowledged)
            Transmit(frame);
        Receive();
        foreach (var frame in _acknowledgements)
            _outbound.Acknowledged(frame);
        _acknowledgements.Clear();
        _unacknowledged.RemoveAll(frame => frame.IsDone);
        _inbound.Expire(_now);
    }

    /// <summary>Rounds until all is acknowledged and the pipe is empty.</summary>
    public void Settle(int rounds = 3_000)
    {
        while (!_outbound.IsIdle || _underway.Count > 0)
        {
            Assert.True(rounds-- > 0, "never settles");
            Round();
        }
    }

    /// <summary>Nothing is held any longer: budgets at zero, every buffer back in the pool.</summary>
    public void AssertClean()
    {
        Dispose();
        Assert.Equal((0L, 0L, 0L), (Partials.Used, Reliable.Used, Early.Used));
        Assert.Equal(0, _outbound.QueuedBytes);
        foreach (var buffer in _buffers)
            Assert.Empty(buffer.Array);
    }

    public void Dispose()
    {
        _outbound.Dispose();
        _inbound.Dispose();
    }

    private void Transmit(OutboundFrame frame)
    {
        var copies = _random.NextDouble() < 0.1 ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            if (_random.NextDouble() < Loss)
                continue;
            _underway.Add(Messages.Encode(frame));
            // The acknowledgement of a copy that arrives; it may be lost as well.
            if (Key.Mode == TransferMode.Reliable && _random.NextDouble() >= Loss)
                _acknowledgements.Add(frame);
        }
    }

    private void Receive()
    {
        // Unreliable datagrams may linger for some rounds; reliable ones arrive in the round of their acknowledgement.
        var keeps = Reorders && Key.Mode != TransferMode.Reliable ? _random.Next(0, 1 + (_underway.Count / 2)) : 0;
        while (_underway.Count > keeps)
        {
            var at = Reorders ? _random.Next(_underway.Count) : 0;
            var bytes = _underway[at];
            _underway.RemoveAt(at);
            Assert.True(DataHeader.TryRead(bytes, out var frame, out _));
            var owner = RunBuffer.Wrap(bytes);
            _buffers.Add(owner);
            var delivered = new List<DeliveredRun>();
            Assert.NotEqual(InboundVerdict.Violation, _inbound.Receive(frame, _now, delivered, owner));
            owner.Release();
            foreach (var run in delivered)
                Take(run);
        }
    }

    private void Take(DeliveredRun run)
    {
        Reliable.Release(run.CreditBytes);
        var messages = run.Ended ? [] : Messages.Split(run.Bytes);
        Assert.Equal(run.Messages, messages.Count);
        if (run.Ended)
            Arrived.Add((run.Peer, true, []));
        foreach (var message in messages)
            Arrived.Add((run.Peer, false, message));
        if (run.Owner is { } owner)
            _buffers.Add(owner);
        run.Release();
    }
}
