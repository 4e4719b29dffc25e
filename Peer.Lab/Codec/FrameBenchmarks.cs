using BenchmarkDotNet.Attributes;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Recovery;

namespace Peer.Lab.Codec;

/// <summary>The headers and frames inside a datagram, and the runs inside a frame.</summary>
[MemoryDiagnoser]
public class FrameBenchmarks
{
    private const int MessagesOfRun = 32;
    private const int Holes = 8;

    private static readonly SequenceKey Key = new(3, TransferMode.Reliable);

    private readonly byte[] _buffer = new byte[2_048];
    private readonly byte[] _message = new byte[32];
    private readonly OutboundFrame _frame = new() { Key = Key, Sequence = 1_000_000, Payload = new byte[1_000] };
    private readonly ReceivedPackets _received = new(RecoverySettings.Default);
    private readonly byte[] _ack = new byte[400];
    private ReadOnlyMemory<byte> _written;
    private ReadOnlyMemory<byte> _run;
    private int _ackLength;

    [GlobalSetup]
    public void SetUp()
    {
        var header = DataHeader.Write(_buffer, _frame);
        _written = _buffer.AsMemory(0, header + _frame.Payload.Length).ToArray();
        for (var number = 0; number < 1_000; number++)
        {
            if (number < 1_000 - (Holes * 20) || number % 20 != 0)
                _received.Record(number, number, ackEliciting: true);
        }

        _ackLength = _received.WriteAck(_ack, 1_000);
        _run = WriteRun();
    }

    [Benchmark]
    public int WriteDataHeader() => DataHeader.Write(_buffer, _frame);

    [Benchmark]
    public int ReadDataHeader()
    {
        DataHeader.TryRead(_written, out _, out var consumed);
        return consumed;
    }

    /// <summary>Nine ranges.</summary>
    [Benchmark]
    public int WriteAck() => _received.WriteAck(_buffer, 1_000);

    [Benchmark]
    public long ReadAck()
    {
        var sum = 0L;
        if (AckFrame.TryRead(_ack.AsSpan(1, _ackLength - 1), out var ack, out _))
        {
            foreach (var range in ack)
                sum += range.Last - range.First;
        }

        return sum;
    }

    /// <summary>32 messages of 32 B.</summary>
    [Benchmark(OperationsPerInvoke = MessagesOfRun)]
    public int WriteRunPerMessage() => WriteRun().Length;

    [Benchmark(OperationsPerInvoke = MessagesOfRun)]
    public int ReadRunPerMessage()
    {
        var (offset, bytes) = (0, 0);
        while (RunReader.TryNext(_run, ref offset, out var message))
            bytes += message.Length;
        return bytes;
    }

    private ReadOnlyMemory<byte> WriteRun()
    {
        var writer = new RunWriter(Key, null);
        for (var i = 0; i < MessagesOfRun; i++)
            writer.Append(_message);
        var run = writer.Take();
        var bytes = run.Bytes;
        if (_run.Length > 0)
            run.Release();
        return bytes;
    }
}
