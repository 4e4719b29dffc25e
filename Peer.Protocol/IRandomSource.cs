namespace Peer.Protocol;

/// <summary>Where random bytes come from: the operating system in production, a seed in a simulation.</summary>
public interface IRandomSource
{
    /// <summary>Fills the whole span with random bytes.</summary>
    void Fill(Span<byte> bytes);
}
