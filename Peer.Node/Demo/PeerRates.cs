namespace Peer.Node.Demo;

/// <summary>A child's figures between its last two progress lines. Bytes are counted by connection, so those of a peer that has left are no longer among them.</summary>
internal readonly record struct PeerRates(double RttMs, double Loss, double MessagesIn, double MessagesOut, double KilobytesIn, double KilobytesOut)
{
    public static PeerRates Of(ChildLine.Progress? previous, ChildLine.Progress? current)
    {
        if (current is null)
            return default;
        var seconds = current.ElapsedS - (previous?.ElapsedS ?? current.ElapsedS);
        if (previous is null || seconds <= 0)
            return new PeerRates(current.RttMs, current.Loss, 0, 0, 0, 0);
        return new PeerRates(
            current.RttMs,
            current.Loss,
            (current.MessagesIn - previous.MessagesIn) / seconds,
            (current.MessagesOut - previous.MessagesOut) / seconds,
            Math.Max(0, current.BytesIn - previous.BytesIn) / seconds / 1000,
            Math.Max(0, current.BytesOut - previous.BytesOut) / seconds / 1000);
    }
}
