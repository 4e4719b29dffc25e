namespace Peer.Lab.Fuzz.World;

/// <summary>How much time passes before a step, in microseconds.</summary>
internal static class StepTime
{
    private static readonly long[] Short = [0, 100, 1_000, 10_000, 30_000, 100_000, 250_000, 300_000];
    private static readonly long[] Long = [0, 0, 500, 30_000, 300_000, 1_100_000, 5_100_000, 10_100_000];

    /// <summary>All steps of a script together stay below what ends a silent connection.</summary>
    public static long ShortOf(int bits) => Short[bits & 7];

    /// <summary>Up to what ends a connection, a partial message or a close.</summary>
    public static long LongOf(int bits) => Long[bits & 7];
}
