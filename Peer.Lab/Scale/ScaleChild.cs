using Peer.Lab.Children;

namespace Peer.Lab.Scale;

/// <summary>A child's end.</summary>
internal sealed class ScaleChild : ChildEnd
{
    public static void Tell(ScaleLine line) => Write(ScaleLine.Write(line));

    public void TellSample(int rooms, int peers, long heard = 0, int lost = 0)
    {
        // Twice: what has a finalizer is let go of only then.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Self.Refresh();
        Tell(new ScaleLine.Sample(
            GC.GetTotalMemory(forceFullCollection: false),
            Self.WorkingSet64,
            Directory.GetFiles("/proc/self/fd").Length,
            Self.TotalProcessorTime.TotalSeconds,
            rooms,
            peers,
            heard,
            lost));
    }
}
