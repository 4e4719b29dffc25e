using System.Diagnostics;
using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare.Works;

/// <summary>Sends everybody the same, thirty times a second.</summary>
internal sealed class FanoutServer(WorkSettings settings) : Work
{
    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        var payload = new byte[settings.Size];
        var period = Stopwatch.Frequency / settings.Int("hertz", 30);
        var due = Stopwatch.GetTimestamp();
        long sent = 0;
        while (Session.Phase < EndPhase.Stopping)
        {
            if (Session.Running)
            {
                end.Broadcast(payload, settings.Mode);
                end.Flush();
                Session.Messages = ++sent;
            }

            due = Math.Max(due + period, Stopwatch.GetTimestamp());
            for (var left = due - Stopwatch.GetTimestamp(); left > 0; left = due - Stopwatch.GetTimestamp())
                end.Poll(TimeSpan.FromSeconds(left / (double)Stopwatch.Frequency));
        }

        return new Dictionary<string, double> { ["broadcasts"] = sent };
    }
}

/// <summary>Many clients, each looked at sixty times a second, as games do.</summary>
internal sealed class FanoutClient : Work
{
    private static readonly TimeSpan Picture = TimeSpan.FromSeconds(1) / 60;

    private long _received;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel) => Session.Messages = Interlocked.Increment(ref _received);

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Running)
        {
            end.Poll(TimeSpan.Zero);
            Thread.Sleep(Picture);
        }

        return Nothing;
    }
}
