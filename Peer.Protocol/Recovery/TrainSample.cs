namespace Peer.Protocol.Recovery;

/// <summary>How fast a train of packets arrived; bytes a second.</summary>
/// <param name="Rate">As it arrived.</param>
/// <param name="Left">As it left.</param>
/// <param name="LeftAt">When its first packet left.</param>
/// <param name="Datagrams">How many it has been judged by.</param>
internal readonly record struct TrainSample(long Rate, long Left, long LeftAt, int Datagrams)
{
    /// <summary>Fewer say nothing.</summary>
    public const int Least = 20;

    private const int Many = 96;
    private const double Stretch = 0.9;
    private const double ClearStretch = 0.75;

    /// <summary>So many that a thread which slept a few milliseconds does not decide.</summary>
    public bool IsLong => Datagrams >= Many;

    /// <summary>The path let it pass slower than it left; a short one must show it clearly.</summary>
    public bool WasStretched => Rate < Left * (IsLong ? Stretch : ClearStretch);
}
