namespace Peer.Protocol.Recovery;

/// <summary>How fast a train of packets travelled; bytes a second.</summary>
/// <param name="Whole">The whole of it, over what its last packet took longer than the bare round trip.</param>
/// <param name="Later">Its later part, over the time between the acknowledgements.</param>
/// <param name="Left">As it left.</param>
/// <param name="LeftAt">When its first packet left.</param>
internal readonly record struct TrainSample(long Whole, long Later, long Left, long LeftAt)
{
    private const double Agreement = 1.25;
    private const double Stretch = 0.85;

    /// <summary>The path let the later part pass clearly slower than it left.</summary>
    public bool LaterWasStretched => Later < Left * Stretch;

    /// <summary>The path, and not the sender, made the pace, and whole and part say the same of it: nothing else took the time.</summary>
    public bool ShowsPath => Whole < Left * Stretch && Whole < Later * Agreement && Later < Whole * Agreement;
}
