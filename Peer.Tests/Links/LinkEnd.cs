using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;

namespace Peer.Tests.Links;

/// <summary>One end: a link with its sequences, put together as the connection and its sequencers put them together, in one thread and in virtual time.</summary>
internal sealed class LinkEnd : ILinkListener, IDisposable
{
    public const int BatchBytes = 64_000;
    private const long ControlWindow = 4 << 20;

    private readonly LinkSettings _settings;
    private readonly Pipe _out;
    private readonly Dictionary<SequenceKey, OutboundSequence> _outbound = [];
    private readonly Dictionary<SequenceKey, InboundSequence> _inbound = [];
    private readonly List<InboundFrame> _arrivals = [];
    private readonly List<OutboundFrame> _departures = [];
    private readonly HashSet<RunBuffer> _buffers = [];
    private readonly ByteBudget _partials = new(1 << 20);
    private readonly ByteBudget _reliable;
    private readonly ByteBudget _control = new(ControlWindow);
    private readonly byte[] _batch = new byte[BatchBytes];
    private long _consumed;

    public LinkEnd(LinkSettings settings, SessionKeys keys, bool isServer, long sendCredit, Pipe outward, long now)
    {
        _settings = settings;
        _out = outward;
        _reliable = new ByteBudget(settings.ReceiveWindow);
        Link = new PeerLink(settings, keys, isServer, isServer ? LinkPair.ClientId : LinkPair.ServerId, sendCredit, this, now);
        Watch = new LinkWatch(settings, keys, isServer);
    }

    public PeerLink Link { get; }

    /// <summary>Reads what this end sends.</summary>
    public LinkWatch Watch { get; }

    /// <summary>Messages handed up, in order.</summary>
    public List<(SequenceKey Key, byte[] Bytes)> Taken { get; } = [];

    /// <summary>When each of them was.</summary>
    public List<long> TakenAt { get; } = [];

    /// <summary>A test may let reliable messages lie, so that no credit returns.</summary>
    public bool Consumes { get; set; } = true;

    /// <summary>Datagrams that left together at most.</summary>
    public int LargestBatch { get; private set; }

    /// <summary>Times that the timer fired.</summary>
    public long Wakeups { get; private set; }

    public int PathsValidated { get; private set; }

    /// <summary>Bytes submitted and neither acknowledged nor gone.</summary>
    public long QueuedBytes => _outbound.Values.Sum(sequence => sequence.QueuedBytes);

    public bool IsIdle => _outbound.Values.All(sequence => sequence.IsIdle);

    /// <summary>What the timer is armed for.</summary>
    public long NextTimeout(long now)
    {
        var next = Link.NextTimeout(now);
        foreach (var sequence in _inbound.Values)
            next = Math.Min(next, sequence.NextDeadline);
        return next;
    }

    public void Submit(SequenceKey key, params byte[][] messages)
    {
        var run = Delivery.Messages.RunOf(key, null, messages);
        _buffers.Add(run.Owner!);
        Sequence(key).Submit(run);
    }

    public void Receive(byte[] datagrams, long now)
    {
        var owner = RunBuffer.Wrap(datagrams);
        _buffers.Add(owner);
        Link.Receive(datagrams, now);
        var delivered = new List<DeliveredRun>();
        foreach (var frame in _arrivals)
        {
            if (!_inbound.TryGetValue(frame.Key, out var sequence))
                _inbound.Add(frame.Key, sequence = new InboundSequence(frame.Key, _settings.Delivery, _partials, frame.Key.IsControl ? _control : _reliable));
            if (Link.State != LinkState.Open || sequence.Receive(frame, now, delivered, owner) != InboundVerdict.Violation)
                continue;
            Link.Close(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, $"the rules of sequence {frame.Key} were broken"), now);
        }

        _arrivals.Clear();
        owner.Release();
        foreach (var run in delivered)
            Take(run, now);
        if (Consumes)
            ReturnCredit();
        Work(now);
    }

    /// <summary>The application takes what lay there.</summary>
    public void ReturnCredit()
    {
        if (_consumed == 0)
            return;
        _reliable.Release(_consumed);
        Link.ReturnCredit(_consumed);
        _consumed = 0;
    }

    public void Wake(long now)
    {
        Wakeups++;
        foreach (var sequence in _inbound.Values)
            sequence.Expire(now);
        Link.HandleTimeout(now);
        Work(now);
    }

    /// <summary>Cuts, packs and sends what may leave.</summary>
    public void Work(long now)
    {
        Cut();
        do
        {
            int length;
            while ((length = Link.Transmit(now, _batch, out var segment)) > 0)
                SendBatch(_batch.AsSpan(0, length), segment, now);
            Release();
        }
        while (Cut());
    }

    public void FrameArrived(in InboundFrame frame) => _arrivals.Add(frame);

    public void FrameDone(OutboundFrame frame) => _departures.Add(frame);

    public void PathValidated() => PathsValidated++;

    /// <summary>Everything that was rented is back in the pool, and nothing stays reserved.</summary>
    public void AssertReleased()
    {
        ReturnCredit();
        foreach (var sequence in _outbound.Values)
            Assert.True(sequence.IsIdle, $"{sequence.Key} still holds frames");
        foreach (var sequence in _inbound.Values)
            sequence.Dispose();
        Assert.Equal((0L, 0L, 0L), (_partials.Used, _reliable.Used, _control.Used));
        foreach (var buffer in _buffers)
            Assert.Empty(buffer.Array);
    }

    public void Dispose()
    {
        Link.Dispose();
        Watch.Dispose();
        foreach (var sequence in _outbound.Values)
            sequence.Dispose();
    }

    private OutboundSequence Sequence(SequenceKey key)
    {
        if (!_outbound.TryGetValue(key, out var sequence))
            _outbound.Add(key, sequence = new OutboundSequence(key, _settings.Delivery));
        return sequence;
    }

    private bool Cut()
    {
        var frames = new List<OutboundFrame>();
        foreach (var sequence in _outbound.Values)
            sequence.Cut(frames);
        foreach (var frame in frames)
        {
            if (frame.Owner is { } owner)
                _buffers.Add(owner);
            Link.Enqueue(frame);
        }

        return frames.Count > 0;
    }

    private void Release()
    {
        foreach (var frame in _departures)
        {
            if (frame.Key.Mode == TransferMode.Reliable)
                Sequence(frame.Key).Acknowledged(frame);
            else
                Sequence(frame.Key).Finished(frame);
        }

        _departures.Clear();
    }

    private void SendBatch(ReadOnlySpan<byte> batch, int segment, long now)
    {
        LargestBatch = Math.Max(LargestBatch, (batch.Length + segment - 1) / segment);
        var pathSize = Link.Statistics().DatagramSize;
        Assert.InRange(segment, 1, Math.Min(batch.Length, _settings.Recovery.MaxDatagramSize));
        Assert.True(segment <= pathSize || segment == batch.Length, "only a probe of the path's size may be longer than the path's size, and it leaves alone");
        while (batch.Length > 0)
        {
            var datagram = batch[..Math.Min(segment, batch.Length)];
            Watch.Sent(datagram);
            _out.Send(datagram, now);
            batch = batch[datagram.Length..];
        }
    }

    private void Take(DeliveredRun run, long now)
    {
        foreach (var message in Delivery.Messages.Split(run.Bytes))
        {
            Taken.Add((run.Key, message));
            TakenAt.Add(now);
        }

        _consumed += run.CreditBytes;
        if (run.Owner is { } owner)
            _buffers.Add(owner);
        run.Release();
    }
}
