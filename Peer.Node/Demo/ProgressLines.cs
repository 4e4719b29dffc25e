using System.Globalization;

namespace Peer.Node.Demo;

/// <summary>One plain line a second, where there is no terminal to draw on.</summary>
internal sealed class ProgressLines(TextWriter output) : IDemoView
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private TimeSpan _next;

    public void Show(string phase, TimeSpan elapsed, IReadOnlyList<DemoProcess> processes)
    {
        if (elapsed < _next)
            return;
        _next = elapsed + Interval;
        output.WriteLine(Line(phase, elapsed, [.. processes.Select(process => PeerRates.Of(process.PreviousProgress, process.Progress))]));
    }

    /// <summary>The line; the first process is the server, which the mean of the round trips leaves out.</summary>
    public static string Line(string phase, TimeSpan elapsed, IReadOnlyList<PeerRates> rates)
    {
        var rtt = rates.Skip(1).Select(rate => rate.RttMs).DefaultIfEmpty().Average();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{elapsed.TotalSeconds,5:0.0} s  {phase}: {rates.Count} processes, {rates.Sum(rate => rate.MessagesOut):0} messages/s put, {rates.Sum(rate => rate.MessagesIn):0} taken, rtt {rtt:0.00} ms");
    }
}
