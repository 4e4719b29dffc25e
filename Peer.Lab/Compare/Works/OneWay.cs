using System.Buffers.Binary;
using System.Diagnostics;
using Peer.Lab.Compare.Ends;
using Peer.Protocol;

namespace Peer.Lab.Compare.Works;

/// <summary>Sends as fast as the queue lets it; each message begins with its number.</summary>
internal sealed class OneWayClient(WorkSettings settings) : Work
{
    private const int Burst = 500;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(1);

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        var payload = new byte[settings.Size];
        var mode = settings.Mode;
        long sent = 0;
        while (Session.Running)
        {
            var wait = TimeSpan.Zero;
            for (var i = 0; i < Burst; i++)
            {
                BinaryPrimitives.WriteInt64LittleEndian(payload, sent);
                if (!end.TrySend(0, payload, mode))
                {
                    wait = Breath;
                    break;
                }

                sent++;
            }

            Session.Messages = sent;
            end.Poll(wait);
        }

        end.Flush();
        return new Dictionary<string, double> { ["sent"] = sent };
    }
}

/// <summary>Counts what comes and looks at the numbers: reliable ones without a gap, ordered ones never backwards.</summary>
internal sealed class OneWayServer(WorkSettings settings) : Work
{
    private static readonly TimeSpan ReliablePatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(150);

    private readonly TransferMode _mode = settings.Mode;
    private readonly int _size = settings.Size;
    private long _received;
    private long _next;
    private long _wrong;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
        var number = BinaryPrimitives.ReadInt64LittleEndian(payload);
        if (payload.Length != _size || (_mode == TransferMode.Reliable ? number != _next : _mode == TransferMode.UnreliableOrdered && number < _next))
            _wrong++;
        _next = number + 1;
        Session.Messages = ++_received;
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Phase < EndPhase.Stopping)
            end.Poll(Glance);

        // What is on the way belongs to no window, but to the proof that nothing was lost.
        var patience = _mode == TransferMode.Reliable ? ReliablePatience : Silence;
        var heard = Stopwatch.GetTimestamp();
        for (var last = Session.Messages; Session.Messages < Session.Expected && Stopwatch.GetElapsedTime(heard) < patience;)
        {
            end.Poll(TimeSpan.FromMilliseconds(20));
            if (last != Session.Messages)
                (last, heard) = (Session.Messages, Stopwatch.GetTimestamp());
        }

        return new Dictionary<string, double> { ["received"] = Session.Messages, ["wrong"] = Volatile.Read(ref _wrong) };
    }
}
