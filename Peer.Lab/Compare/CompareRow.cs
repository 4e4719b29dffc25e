namespace Peer.Lab.Compare;

/// <summary>One library under one workload, over all rounds.</summary>
/// <param name="Workload">The workload.</param>
/// <param name="Library">The library.</param>
/// <param name="Samples">One for each round so far.</param>
internal sealed record CompareRow(IWorkload Workload, Library Library, IReadOnlyList<Sample> Samples)
{
    private IEnumerable<Sample> Valid => Samples.Where(sample => sample.Problem is null);

    /// <summary>Rounds whose figures count.</summary>
    public int ValidRounds => Valid.Count();

    /// <summary>What was wrong, with the rounds that it cost; null when nothing was.</summary>
    public string? Problem => ValidRounds == Samples.Count
        ? null
        : $"{Samples.Count - ValidRounds} of {Samples.Count} rounds void: {Samples.First(sample => sample.Problem is not null).Problem}";

    /// <summary>Names of all figures that every valid round has.</summary>
    public IEnumerable<string> Figures => ValidRounds == 0 ? [] : Valid.First().Figures.Keys.Where(figure => Valid.All(sample => sample.Figures.ContainsKey(figure)));

    /// <summary>The median over the valid rounds; null without any.</summary>
    public double? Median(string figure) => Statistics.Median([.. Valid.Where(sample => sample.Figures.ContainsKey(figure)).Select(sample => sample.Figures[figure])]);

    /// <summary>The headline's median.</summary>
    public double? Headline => Median(Workload.Headline.Figure);

    /// <summary>Largest less smallest, as a share of the median, of the headline.</summary>
    public double? Spread => Statistics.Spread([.. Valid.Where(sample => sample.Figures.ContainsKey(Workload.Headline.Figure)).Select(sample => sample.Figures[Workload.Headline.Figure])]);
}

/// <summary>Few numbers made into one.</summary>
internal static class Statistics
{
    /// <summary>The middle one, or the mean of the two in the middle; null for none.</summary>
    public static double? Median(IReadOnlyList<double> values)
    {
        if (values.Count == 0)
            return null;
        var sorted = values.Order().ToList();
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Largest less smallest, as a share of the median; null for fewer than two.</summary>
    public static double? Spread(IReadOnlyList<double> values) => values.Count < 2 || Median(values) is not (> 0 and var median) ? null : (values.Max() - values.Min()) / median;
}
