using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;

namespace Peer.Lab.Fuzz.World;

/// <summary>The server's end of one connection, put together as the connection and its sequencers put it together: a link, its sequences, and the budgets of what they may hold.</summary>
internal sealed class ServedPeer : ILinkListener, IDisposable
{
    private const long PartialBytes = 1 << 20;
    private const long ControlWindow = 4 << 20;
    private const long EarlyBytes = 16 << 20;
    private const int BatchBytes = 64_000;
    private const int MostBatches = 256;

    private static readonly LinkSettings Settings = new();

    [ThreadStatic]
    private static byte[]? _batch;

    private readonly Dictionary<SequenceKey, InboundSequence> _inbound = [];
    private readonly Dictionary<SequenceKey, OutboundSequence> _outbound = [];
    private readonly List<InboundFrame> _arrivals = [];
    private readonly List<OutboundFrame> _departures = [];
    private readonly List<OutboundFrame> _cut = [];
    private readonly List<DeliveredRun> _delivered = [];
    private readonly ByteBudget _partials;
    private readonly ByteBudget _reliable = new(Settings.ReceiveWindow);
    private readonly ByteBudget _control = new(ControlWindow);
    private readonly ByteBudget _early = new(EarlyBytes);
    private long _taken;

    /// <param name="keys">Of the handshake.</param>
    /// <param name="remoteId">The client's connection id.</param>
    /// <param name="partials">What all connections together may hold of partial messages.</param>
    /// <param name="now">Microseconds.</param>
    public ServedPeer(SessionKeys keys, ulong remoteId, ByteBudget partials, long now)
    {
        _partials = new ByteBudget(PartialBytes, partials);
        Link = new PeerLink(Settings, keys, isServer: true, remoteId, sendCredit: 0, this, now);
    }

    public PeerLink Link { get; }

    /// <summary>Messages handed up.</summary>
    public long Messages { get; private set; }

    /// <summary>The last of them.</summary>
    public byte[] LastMessage { get; private set; } = [];

    /// <summary>Bytes of everything handed up.</summary>
    public long MessageBytes { get; private set; }

    /// <summary>Datagrams and bytes that left.</summary>
    public (int Datagrams, long Bytes) Left { get; private set; }

    /// <summary>The last datagram that left.</summary>
    public byte[] LastDatagram { get; private set; } = [];

    /// <summary>Times that the other end has proven a path.</summary>
    public int PathsValidated { get; private set; }

    /// <summary>Puts a message on its way; <see cref="Work"/> sends it.</summary>
    public void Say(SequenceKey key, ReadOnlySpan<byte> message)
    {
        var writer = new RunWriter(key, null);
        writer.Append(message);
        if (!_outbound.TryGetValue(key, out var sequence))
            _outbound.Add(key, sequence = new OutboundSequence(key, Settings.Delivery));
        sequence.Submit(writer.Take());
        _cut.Clear();
        sequence.Cut(_cut);
        foreach (var frame in _cut)
            Link.Enqueue(frame);
    }

    /// <summary>Takes datagrams that arrived together; they are copied, as out of the kernel.</summary>
    public bool Receive(ReadOnlySpan<byte> datagrams, long now)
    {
        var owner = RunBuffer.Copy(datagrams);
        var advanced = Link.Receive(owner.Array.AsMemory(0, datagrams.Length), now);
        foreach (ref readonly var frame in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_arrivals))
        {
            if (!_inbound.TryGetValue(frame.Key, out var sequence))
                _inbound.Add(frame.Key, sequence = new InboundSequence(frame.Key, Settings.Delivery, _partials, frame.Key.IsControl ? _control : _reliable, _early));
            if (Link.State != LinkState.Open || sequence.Receive(frame, now, _delivered, owner) != InboundVerdict.Violation)
                continue;
            Link.Close(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, "the rules of a sequence were broken"), now);
        }

        _arrivals.Clear();
        owner.Release();
        foreach (var run in _delivered)
            Take(run);
        _delivered.Clear();
        Work(now);
        return advanced;
    }

    /// <summary>Lets the timers run that are due.</summary>
    public void Wake(long now)
    {
        foreach (var sequence in _inbound.Values)
            sequence.Expire(now);
        if (Link.NextTimeout(now) > now)
            return;
        Link.HandleTimeout(now);
        Work(now);
    }

    /// <summary>Sends what is due.</summary>
    public void Work(long now)
    {
        var batch = _batch ??= new byte[BatchBytes];
        var batches = 0;
        do
        {
            _cut.Clear();
            foreach (var sequence in _outbound.Values)
                sequence.Cut(_cut);
            foreach (var frame in _cut)
                Link.Enqueue(frame);
            int length;
            while ((length = Link.Transmit(now, batch, out var segment)) > 0)
            {
                BrokenLawException.Unless(segment > 0 && segment <= length && length <= batch.Length, "a batch has no legal size");
                BrokenLawException.Unless(++batches < MostBatches, "sending does not come to an end");
                Left = (Left.Datagrams + ((length + segment - 1) / segment), Left.Bytes + length);
                LastDatagram = batch[..Math.Min(segment, length)];
            }

            foreach (var frame in _departures)
            {
                if (frame.Key.Mode == TransferMode.Reliable)
                    _outbound[frame.Key].Acknowledged(frame);
                else
                    _outbound[frame.Key].Finished(frame);
            }

            _departures.Clear();
        }
        while (_cut.Count > 0);
    }

    /// <summary>What is held is within its limits, and what is not is given back.</summary>
    public void CheckBudgets()
    {
        BrokenLawException.Unless(_partials.Used <= PartialBytes && _reliable.Used <= Settings.ReceiveWindow && _control.Used <= ControlWindow && _early.Used <= EarlyBytes, "a budget was exceeded");
        _reliable.Release(_taken);
        Link.ReturnCredit(_taken);
        _taken = 0;
    }

    /// <summary>Ends it, and finds what stays reserved after everybody has let go.</summary>
    public void Dispose()
    {
        CheckBudgets();
        Link.Dispose();
        foreach (var sequence in _inbound.Values)
            sequence.Dispose();
        foreach (var sequence in _outbound.Values)
            sequence.Dispose();
        BrokenLawException.Unless((_partials.Used, _reliable.Used, _control.Used, _early.Used) == (0, 0, 0, 0), "bytes stay reserved for a connection that is over");
    }

    void ILinkListener.FrameArrived(in InboundFrame frame) => _arrivals.Add(frame);

    void ILinkListener.FrameDone(OutboundFrame frame) => _departures.Add(frame);

    void ILinkListener.PathValidated() => PathsValidated++;

    private void Take(in DeliveredRun run)
    {
        var offset = 0;
        var messages = 0;
        while (RunReader.TryNext(run.Bytes, ref offset, out var message))
        {
            messages++;
            MessageBytes += message.Length;
            LastMessage = message.Length <= 64 ? message.ToArray() : [];
            BrokenLawException.Unless(message.Length is > 0 and <= 16 << 20, "a message has no legal length");
        }

        BrokenLawException.Unless(messages == run.Messages && offset == run.Bytes.Length, "a run holds other messages than it says");
        BrokenLawException.Unless(!run.Ended || messages == 0, "an ended mark holds messages");
        BrokenLawException.Unless(run.CreditBytes >= 0 && (run.Key.Mode == TransferMode.Reliable || run.CreditBytes == 0), "credit is due for what takes none");
        Messages += messages;
        _taken += run.CreditBytes;
        run.Release();
    }
}
