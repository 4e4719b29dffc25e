using System.Diagnostics;

namespace Peer.Lab.Measure;

/// <summary>What a process has used up.</summary>
internal readonly record struct Usage(double Seconds, double Cpu, long Allocated)
{
    private static readonly Stopwatch Watch = Stopwatch.StartNew();

    public static Usage Now()
    {
        using var self = Process.GetCurrentProcess();
        return new Usage(Watch.Elapsed.TotalSeconds, self.TotalProcessorTime.TotalSeconds, GC.GetTotalAllocatedBytes());
    }

    public Usage Since(Usage start) => new(Seconds - start.Seconds, Cpu - start.Cpu, Allocated - start.Allocated);

    public string Per(long messages) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{messages / Seconds:n0} messages/s, cpu {Cpu / messages * 1e9:n0} ns and {Allocated / (double)messages:n1} B allocated per message");
}
