using System.Globalization;

namespace Peer.Lab.Compare.Distance;

/// <summary>The workloads over a path that is long, lossy and not endlessly wide.</summary>
internal static class DistanceCatalog
{
    private const int StreamRtt = 50;

    public static IReadOnlyList<IWorkload> All { get; } =
    [
        .. from rtt in (int[])[0, 50, 100, 280] from loss in (int[])[0, 1, 5] select new TransferWorkload(Text($"distance-{rtt}-{loss}"), RelayedRun.Path(rtt, loss)),
        .. from loss in (int[])[0, 1, 5, 10, 20] select new StreamWorkload(Text($"stream-{loss}"), RelayedRun.Path(StreamRtt, loss), 8, TimeSpan.FromSeconds(15)),

        // One connection, whose bulk fills the link; so it takes longer until there are enough messages.
        new StreamWorkload("stream-beside-bulk", RelayedRun.Path(StreamRtt, 0), 1, TimeSpan.FromSeconds(50), "bulk=1", "first=0"),
    ];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
