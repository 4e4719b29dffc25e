namespace Peer.Protocol.Recovery;

/// <summary>How fast a train of packets arrived; bytes a second.</summary>
/// <param name="Later">The newest part.</param>
/// <param name="Earlier">The part before it.</param>
/// <param name="Rate">Both together.</param>
/// <param name="Left">The train as it left.</param>
/// <param name="LeftAt">When its first packet left.</param>
internal readonly record struct TrainSample(long Later, long Earlier, long Rate, long Left, long LeftAt)
{
    private const double Agreement = 1.5;
    private const double Stretch = 0.85;

    /// <summary>The path let it pass clearly slower than it left.</summary>
    public bool WasStretched => Rate < Left * Stretch;

    /// <summary>The path, and not the sender, made the pace, and both parts say the same of it: nothing else took the time.</summary>
    public bool ShowsPath => WasStretched && Later < Earlier * Agreement && Earlier < Later * Agreement;
}
