using Peer.Protocol;

namespace Peer.Lab.Measure;

/// <summary>What is measured.</summary>
/// <param name="Name">oneway or rtt.</param>
/// <param name="Size">Bytes of a message.</param>
/// <param name="Mode">Its transfer mode.</param>
/// <param name="Seconds">How long, after the warm-up.</param>
internal sealed record Workload(string Name, int Size, TransferMode Mode, double Seconds)
{
    /// <summary>Runs before the clock starts: the first seconds of a .NET process compile code.</summary>
    public const double WarmUpSeconds = 3;

    /// <summary>Messages on it are sent back at once.</summary>
    public const int EchoChannel = 1;
}
