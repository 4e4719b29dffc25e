namespace Peer.Lab.Compare;

/// <summary>Everything that was measured.</summary>
/// <param name="Rows">In the order of the workloads, then of the libraries.</param>
internal sealed record CompareReport(IReadOnlyList<CompareRow> Rows)
{
    public bool Interrupted { get; init; }

    public TimeSpan Wall { get; init; }

    /// <summary>Whether every row has its figures from every round.</summary>
    public bool Complete => !Interrupted && Rows.All(row => row.Problem is null);

    /// <summary>
    /// ActorPeer's median divided by another library's; null where one of them has none. Above 1 is better for a rate, below 1 for a delay or a cost.
    /// </summary>
    public double? Ratio(IWorkload workload, string versus, string? figure = null)
    {
        var ours = Row(workload, Library.ActorPeer)?.Median(figure ?? workload.Headline.Figure);
        var theirs = Row(workload, versus)?.Median(figure ?? workload.Headline.Figure);
        return theirs is > 0 ? ours / theirs : null;
    }

    private CompareRow? Row(IWorkload workload, string library) => Rows.FirstOrDefault(row => row.Workload == workload && row.Library.Name == library);
}
