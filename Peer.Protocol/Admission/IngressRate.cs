namespace Peer.Protocol.Admission;

/// <summary>What one client may make a server open in a second; whatever arrives beyond it is not worth a decryption.</summary>
internal sealed class IngressRate
{
    private readonly RateBudget? _datagrams;
    private readonly RateBudget? _bytes;

    /// <param name="datagramsPerSecond">0 for any number.</param>
    /// <param name="bytesPerSecond">0 for any number.</param>
    public IngressRate(long datagramsPerSecond, long bytesPerSecond)
    {
        _datagrams = datagramsPerSecond > 0 ? new RateBudget(datagramsPerSecond, datagramsPerSecond) : null;
        _bytes = bytesPerSecond > 0 ? new RateBudget(bytesPerSecond, bytesPerSecond) : null;
    }

    public bool TryTake(int datagrams, int bytes, long now) =>
        (_datagrams is null || _datagrams.TryTake(datagrams, now)) && (_bytes is null || _bytes.TryTake(bytes, now));
}
