using System.Globalization;
using Peer.Lab.Children;

namespace Peer.Lab.Soak;

/// <summary>A child's end.</summary>
internal sealed class SoakChild : ChildEnd
{
    public long Sent { get; set; }

    public long Received { get; set; }

    public bool TryTake(out string[] word)
    {
        word = Next(TimeSpan.Zero);
        return word.Length > 0;
    }

    public static void Tell(SoakLine line) => Write(SoakLine.Write(line));

    /// <summary>What the process uses after a collection: what it keeps, not what it has not yet given back.</summary>
    public void TellSample(int peers)
    {
        GC.Collect();
        Self.Refresh();
        Tell(new SoakLine.Sample(
            GC.GetTotalMemory(forceFullCollection: false),
            Self.WorkingSet64,
            Directory.GetFiles("/proc/self/fd").Length,
            int.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith("Threads:", StringComparison.Ordinal)).AsSpan(8), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture),
            Self.TotalProcessorTime.TotalSeconds,
            Sent,
            Received,
            peers));
    }
}
