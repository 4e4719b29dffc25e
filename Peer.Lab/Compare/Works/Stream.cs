using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using HdrHistogram;
using Peer.Lab.Compare.Ends;
using Peer.Protocol;

namespace Peer.Lab.Compare.Works;

/// <summary>A message of 100 B on each connection sixty times a second, in turn; on demand as much bulk as the queue takes, on another channel.</summary>
internal sealed class StreamClient(WorkSettings settings) : Work
{
    public const int Hertz = 60;
    public const int Size = 100;
    public const int BulkSize = 16 << 10;
    public const byte Counted = 1;
    public const int BulkChannel = 1;

    private const int BulkAtOnce = 4;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(1);

    private readonly bool _bulk = settings.Int("bulk", 0) == 1;

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        var clients = settings.Clients;
        var payload = new byte[Size];
        var bulk = new byte[BulkSize];
        var period = Stopwatch.Frequency / (double)(Hertz * clients);
        var began = Stopwatch.GetTimestamp();
        long turns = 0;
        while (Session.Running)
        {
            if (Stopwatch.GetTimestamp() >= began + (turns * period))
            {
                payload[0] = Session.Counting ? Counted : (byte)0;
                BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), (int)Session.Messages);
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(8), Stopwatch.GetTimestamp());
                if (!end.TrySend((int)(turns++ % clients), payload, TransferMode.Reliable))
                    throw new InvalidOperationException("a stream's message was refused");
                if (payload[0] == Counted)
                    Session.Messages++;
                end.Flush();
                continue;
            }

            var room = _bulk;
            for (var i = 0; room && i < BulkAtOnce; i++)
                room = end.TrySend(0, bulk, TransferMode.Reliable, BulkChannel);
            end.Poll(room ? TimeSpan.Zero : Breath);
        }

        end.Flush();
        return new Dictionary<string, double> { ["sent"] = Session.Messages };
    }
}

/// <summary>Notes the age of each message.</summary>
internal sealed class StreamServer : Work
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LongHistogram _ages = new(TimeSpan.FromSeconds(60).Ticks * 100, 3);
    private readonly ConcurrentDictionary<int, int> _last = new();
    private long _wrong;
    private long _bulkBytes;
    private double _windowBytes;
    private long _windowBegan;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
        if (channel == StreamClient.BulkChannel)
        {
            _bulkBytes += payload.Length;
            return;
        }

        if (payload[0] != StreamClient.Counted)
            return;
        var number = BinaryPrimitives.ReadInt32LittleEndian(payload[4..]);
        if (payload.Length != StreamClient.Size || (_last.TryGetValue(peer, out var last) && number <= last))
            _wrong++;
        _last[peer] = number;
        var age = (Stopwatch.GetTimestamp() - BinaryPrimitives.ReadInt64LittleEndian(payload[8..])) * (1e9 / Stopwatch.Frequency);
        _ages.RecordValue((long)age);
        if (_windowBegan == 0)
            (_windowBegan, _windowBytes) = (Stopwatch.GetTimestamp(), -_bulkBytes);
        Session.Messages++;
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Phase < EndPhase.Stopping)
            end.Poll(Glance);
        var seconds = Stopwatch.GetElapsedTime(_windowBegan).TotalSeconds;
        var bytes = _windowBytes + _bulkBytes;
        for (var asked = Stopwatch.GetTimestamp(); Session.Messages < Session.Expected && Stopwatch.GetElapsedTime(asked) < Patience;)
            end.Poll(TimeSpan.FromMilliseconds(20));
        var figures = Percentiles.Of(_ages);
        figures["received"] = Session.Messages;
        figures["wrong"] = _wrong;
        if (_bulkBytes > 0)
            figures["bulk_mbit_per_second"] = bytes * 8e-6 / seconds;
        return figures;
    }
}
