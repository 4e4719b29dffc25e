using System.Diagnostics;
using HdrHistogram;
using Peer.Lab.Compare.Ends;
using Peer.Protocol;

namespace Peer.Lab.Compare.Works;

/// <summary>
/// One message at a time goes to the server and back: the next one as soon as the last is back, or when its time has come. Neither end spins: each waits in its
/// library until the network wakes it.
/// </summary>
internal sealed class RoundTripClient(WorkSettings settings) : Work
{
    private static readonly double NanosecondsPerTick = 1e9 / Stopwatch.Frequency;

    // Up to a minute, three digits.
    private readonly LongHistogram _trips = new(60_000_000_000, 3);
    private readonly long _period = settings.Int("hertz", 0) is > 0 and var hertz ? Stopwatch.Frequency / hertz : 0;
    private readonly byte[] _payload = new byte[settings.Size];
    private long _left;
    private volatile bool _away;
    private long _done;

    // The warm-up is not paced: a thousand messages a second would take many seconds to be compiled well.
    private bool Paced => _period > 0 && Session.Phase != EndPhase.Warming;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
        var now = Stopwatch.GetTimestamp();
        if (Session.Counting)
            _trips.RecordValue(Math.Max(1, (long)((now - Volatile.Read(ref _left)) * NanosecondsPerTick)));
        Session.Messages = ++_done;
        if (Paced || !Session.Running)
            _away = false;
        else
            Send(end);
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        var due = Stopwatch.GetTimestamp();
        while (Session.Running)
        {
            if (!_away)
            {
                _away = true;
                Send(end);
            }

            if (Paced)
            {
                due = PollUntil(end, due + _period);
            }
            else
            {
                end.Poll(Glance);
                due = Stopwatch.GetTimestamp();
            }
        }

        return Percentiles.Of(_trips);
    }

    private void Send(IEndpoint end)
    {
        Volatile.Write(ref _left, Stopwatch.GetTimestamp());
        end.TrySend(0, _payload, TransferMode.Reliable);
        end.Flush();
    }

    // An answer that is late costs whole periods: what follows it must not be a burst.
    private long PollUntil(IEndpoint end, long due)
    {
        while (Session.Running)
        {
            var left = due - Stopwatch.GetTimestamp();
            if (left > 0)
                end.Poll(TimeSpan.FromSeconds(left / (double)Stopwatch.Frequency));
            else if (_away)
                due += _period;
            else
                break;
        }

        return due;
    }
}
