using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;
using Peer.Protocol.Wire;

namespace Peer.Lab.Core;

/// <summary>One end of a connection without actors and sockets: a link and one sequence each way, in one thread.</summary>
internal sealed class CoreEnd : ILinkListener, IDisposable
{
    private const int BatchBytes = 64_000;

    private readonly SequenceKey _key;
    private readonly PeerLink _link;
    private readonly OutboundSequence _outbound;
    private readonly InboundSequence _inbound;
    private readonly RunWriter _writer;
    private readonly List<OutboundFrame> _cut = [];
    private readonly List<OutboundFrame> _departures = [];
    private readonly List<InboundFrame> _arrivals = [];
    private readonly List<DeliveredRun> _delivered = [];
    private readonly byte[] _batch = new byte[BatchBytes];
    private readonly ByteBudget _reliable;
    private long _taken;

    public CoreEnd(SequenceKey key, LinkSettings settings, SessionKeys keys, bool isServer, long now)
    {
        _key = key;
        _link = new PeerLink(settings, keys, isServer, isServer ? 1UL : 2UL, settings.ReceiveWindow, this, now);
        _outbound = new OutboundSequence(key, settings.Delivery);
        _reliable = new ByteBudget(settings.ReceiveWindow);
        _inbound = new InboundSequence(key, settings.Delivery, new ByteBudget(1 << 20), _reliable);
        _writer = new RunWriter(key, null);
    }

    public CoreEnd? Other { get; set; }

    /// <summary>Messages taken.</summary>
    public long Messages { get; private set; }

    /// <summary>Bytes submitted and not done.</summary>
    public long QueuedBytes => _outbound.QueuedBytes;

    public LinkCounters Counters => _link.Counters;

    public int DatagramSize => _link.Statistics().DatagramSize;

    /// <summary>Answers each message with itself.</summary>
    public bool Echoes { get; init; }

    public void Ping() => _link.Ping();

    public void Put(ReadOnlySpan<byte> message) => _writer.Append(message);

    /// <summary>What was put leaves as one run.</summary>
    public void Submit(long now)
    {
        if (_writer.Length > 0)
            _outbound.Submit(_writer.Take());
        Work(now);
    }

    public void Wake(long now)
    {
        if (_link.NextTimeout(now) > now)
            return;
        _link.HandleTimeout(now);
        Work(now);
    }

    public void Dispose()
    {
        _link.Dispose();
        _outbound.Dispose();
        _inbound.Dispose();
    }

    void ILinkListener.FrameArrived(in InboundFrame frame) => _arrivals.Add(frame);

    void ILinkListener.FrameDone(OutboundFrame frame) => _departures.Add(frame);

    void ILinkListener.PathValidated()
    {
    }

    private void Work(long now)
    {
        do
        {
            _cut.Clear();
            _outbound.Cut(_cut);
            foreach (var frame in _cut)
                _link.Enqueue(frame);
            int length;
            while ((length = _link.Transmit(now, _batch, out _)) > 0)
                Other!.Receive(_batch.AsSpan(0, length), now);
            foreach (var frame in _departures)
            {
                if (_key.Mode == TransferMode.Reliable)
                    _outbound.Acknowledged(frame);
                else
                    _outbound.Finished(frame);
            }

            _departures.Clear();
        }
        while (_cut.Count > 0);
    }

    // The copy stands for the kernel's.
    private void Receive(ReadOnlySpan<byte> datagrams, long now)
    {
        var owner = RunBuffer.Rent(datagrams.Length);
        datagrams.CopyTo(owner.Array);
        _link.Receive(owner.Array.AsMemory(0, datagrams.Length), now);
        foreach (var frame in _arrivals)
        {
            if (_inbound.Receive(frame, now, _delivered, owner) == InboundVerdict.Violation)
                throw new InvalidOperationException("the core broke its own rules");
        }

        _arrivals.Clear();
        owner.Release();
        foreach (var run in _delivered)
            Take(run);
        _delivered.Clear();
        if (Echoes && _writer.Length > 0)
            _outbound.Submit(_writer.Take());
        _due = true;
    }

    private bool _due;

    /// <summary>Sends what arrivals have brought about.</summary>
    public void Answer(long now)
    {
        if (!_due)
            return;
        _due = false;
        if (_taken >= 256 << 10)
        {
            _reliable.Release(_taken);
            _link.ReturnCredit(_taken);
            _taken = 0;
        }

        Work(now);
    }

    private void Take(in DeliveredRun run)
    {
        _taken += run.CreditBytes;
        var offset = 0;
        while (RunReader.TryNext(run.Bytes, ref offset, out var message))
        {
            Messages++;
            if (Echoes)
                _writer.Append(message.Span);
        }

        run.Release();
    }
}
