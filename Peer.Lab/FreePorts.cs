namespace Peer.Lab;

/// <summary>Ports that another process binds later.</summary>
internal static class FreePorts
{
    /// <summary>Processes that started one after the other do not ask for the same ones.</summary>
    private const int Apart = 16;

    private static readonly PortRange Range = new(22_000, 10_000, unchecked(Environment.ProcessId * Apart));

    /// <summary>One that is free for UDP and TCP, and another each time.</summary>
    public static int Next() => Range.Next();
}
