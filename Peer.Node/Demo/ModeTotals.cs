using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>One mode over all processes; deliveries, so a broadcast to eight counts eight.</summary>
internal readonly record struct ModeTotals(long Sent, long Received, long Missing, long OutOfOrder, long Duplicated)
{
    public static ModeTotals operator +(ModeTotals left, ModeTotals right) => new(
        left.Sent + right.Sent,
        left.Received + right.Received,
        left.Missing + right.Missing,
        left.OutOfOrder + right.OutOfOrder,
        left.Duplicated + right.Duplicated);

    /// <summary>Whether the mode has kept what it promises: nothing is ever duplicated, order where there is order, all of what is reliable.</summary>
    public bool Keeps(TransferMode mode) =>
        Duplicated == 0
        && (mode == TransferMode.Unreliable || OutOfOrder == 0)
        && (mode != TransferMode.Reliable || Missing == 0);
}
