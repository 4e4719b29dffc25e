using BenchmarkDotNet.Attributes;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Links;

namespace Peer.Lab.Codec;

/// <summary>A datagram's whole way between the two links of a connection, acknowledgements included, without actors or sockets.</summary>
[MemoryDiagnoser]
public class LinkBenchmarks
{
    private const int Datagrams = 32;
    private const long Step = 50;

    private static readonly SequenceKey Key = new(3, TransferMode.Reliable);

    private readonly byte[] _batch = new byte[64_000];
    private readonly byte[] _message = new byte[1_000];
    private readonly List<OutboundFrame> _frames = [];
    private static readonly OutboundSequence Sequence = new(Key, new DeliverySettings());
    private End _client = null!;
    private End _server = null!;
    private long _now;

    [GlobalSetup]
    public void SetUp()
    {
        var settings = new LinkSettings();
        (_client, _server) = (new End(), new End());
        _client.Link = new PeerLink(settings, SealBenchmarks.Keys(), isServer: false, 2, long.MaxValue / 2, _client, 0);
        _server.Link = new PeerLink(settings, SealBenchmarks.Keys(), isServer: true, 1, long.MaxValue / 2, _server, 0);
        _client.Link.Ping();
    }

    /// <summary>32 frames of 1 000 B leave, arrive and are acknowledged.</summary>
    [Benchmark(OperationsPerInvoke = Datagrams)]
    public long Datagram()
    {
        var writer = new RunWriter(Key, null);
        for (var i = 0; i < Datagrams; i++)
            writer.Append(_message);
        Sequence.Submit(writer.Take());
        _frames.Clear();
        Sequence.Cut(_frames);
        foreach (var frame in _frames)
            _client.Link.Enqueue(frame);
        do
        {
            _now += Step;
            Carry(_client, _server);
            Carry(_server, _client);
        }
        while (!Sequence.IsIdle);
        return _server.Arrived;
    }

    private void Carry(End from, End to)
    {
        from.Link.HandleTimeout(_now);
        int length;
        while ((length = from.Link.Transmit(_now, _batch, out _)) > 0)
            to.Link.Receive(_batch.AsMemory(0, length), _now);
        foreach (var frame in from.Done)
            Sequence.Acknowledged(frame);
        from.Done.Clear();
    }

    private sealed class End : ILinkListener
    {
        public PeerLink Link { get; set; } = null!;

        public List<OutboundFrame> Done { get; } = [];

        public long Arrived { get; private set; }

        public void FrameArrived(in InboundFrame frame) => Arrived++;

        public void FrameDone(OutboundFrame frame) => Done.Add(frame);

        public void PathValidated()
        {
        }
    }
}
