using System.Buffers.Binary;
using System.Diagnostics;
using Peer.Lab.Compare.Ends;
using Peer.Protocol;

namespace Peer.Lab.Compare.Works;

/// <summary>The messages of a transfer: the first byte says whether it counts, then a number, then when the transfer began.</summary>
internal static class TransferMessage
{
    public const int Size = 16 << 10;
    public const int Count = 640;
    public const byte Counted = 1;

    public static double Now => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
}

/// <summary>Warms the code up over a connection of its own, then begins anew through the relay.</summary>
internal sealed class TransferClient(WorkSettings settings) : Work
{
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(1);

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        var payload = new byte[TransferMessage.Size];
        while (Session.Phase == EndPhase.Warming)
            end.Poll(end.TrySend(0, payload, TransferMode.Reliable) ? TimeSpan.Zero : Breath);
        end.Disconnect();
        end.Connect(settings.Int("relay", 0), 1);

        payload[0] = TransferMessage.Counted;
        BinaryPrimitives.WriteDoubleLittleEndian(payload.AsSpan(8), TransferMessage.Now);
        for (var i = 0; i < TransferMessage.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), i);
            while (!end.TrySend(0, payload, TransferMode.Reliable))
                end.Poll(Breath);
        }

        end.Flush();
        while (Session.Phase < EndPhase.Stopping)
            end.Poll(Breath);
        return Nothing;
    }
}

/// <summary>Counts until all is there, or the time is over.</summary>
internal sealed class TransferServer(WorkSettings settings) : Work
{
    private readonly double _limit = settings.Int("limit", 40);
    private double _began;
    private double _ended;
    private int _received;
    private volatile bool _complete;
    private int _wrong;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
        if (payload[0] != TransferMessage.Counted)
            return;
        if (payload.Length != TransferMessage.Size || BinaryPrimitives.ReadInt32LittleEndian(payload[4..]) != _received)
            _wrong++;
        Volatile.Write(ref _began, BinaryPrimitives.ReadDoubleLittleEndian(payload[8..]));
        Volatile.Write(ref _ended, TransferMessage.Now);
        _complete = ++_received == TransferMessage.Count;
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (!_complete && Session.Phase < EndPhase.Stopping)
        {
            end.Poll(TimeSpan.FromMilliseconds(10));
            if (Volatile.Read(ref _began) is > 0 and var began && TransferMessage.Now - began > _limit)
                break;
        }

        return new Dictionary<string, double>
        {
            ["seconds"] = (_complete ? Volatile.Read(ref _ended) : TransferMessage.Now) - Volatile.Read(ref _began),
            ["bytes"] = (double)_received * TransferMessage.Size,
            ["complete"] = _complete ? 1 : 0,
            ["wrong"] = _wrong,
        };
    }
}
