using Peer.Lab;

namespace Peer.Tests;

/// <summary>Ports for tests, other ones than the processes that they start ask for.</summary>
internal static class FreePorts
{
    private static readonly PortRange Range = new(12_000, 10_000, Environment.ProcessId % 8_000);

    public static int Next() => Range.Next();
}
