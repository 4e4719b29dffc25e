using System.Globalization;
using System.Text.Json;
using HdrHistogram;

namespace Peer.Node.Load;

/// <summary>What a load found.</summary>
internal sealed record LoadReport(LoadOptions Options, long Joined, TimeSpan Talked, LoadCounters Counters, IReadOnlyList<BotBook> Books, LedgerCheck Check, TimeSpan Cpu)
{
    private static readonly double[] Percentiles = [50, 90, 99, 99.9, 100];

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public bool IsOk => !Problems.Any();

    public IEnumerable<string> Problems
    {
        get
        {
            if (Joined < Options.Bots)
                yield return $"{Options.Bots - Joined} of {Options.Bots} bots did not get in: {Reasons("failed")}";
            if (Counters.Lost > 0)
                yield return $"{Counters.Lost} times a bot lost its server for good: {Reasons("lost")}";
            if (Books.Count < Options.Bots)
                yield return $"{Options.Bots - Books.Count} bots did not end in time";
            foreach (var problem in Check.Problems)
                yield return problem;
        }
    }

    /// <summary>Milliseconds at a percentile.</summary>
    public static double At(HistogramBase histogram, double percentile) => histogram.TotalCount == 0 ? 0 : histogram.GetValueAtPercentile(percentile) / 1000.0;

    /// <summary>One JSON object on one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Options.Bots,
            Options.Rooms,
            Options.Rate,
            Options.Size,
            TalkedS = Round(Talked.TotalSeconds),
            Joined,
            Sent = Counters.Sent,
            Heard = Counters.HeardCount,
            HeardPerS = Round(Talked.TotalSeconds > 0 ? Counters.HeardCount / Talked.TotalSeconds : 0),
            JoiningMs = Spread(Counters.Joining),
            LatencyMs = Spread(Counters.Latency),
            Reliable = new { Check.Owed, Check.Delivered, Check.Missing, Check.Repeated },
            UnreliableOrdered = new { Sent = Books.Sum(book => book.SentOrdered), Heard = Books.Sum(book => book.HeardOrdered), Check.Late },
            Unreliable = new { Sent = Books.Sum(book => book.SentUnreliable), Heard = Books.Sum(book => book.HeardUnreliable) },
            Counters.Interrupted,
            Counters.Resumed,
            Counters.Restarted,
            Counters.Lost,
            CpuS = Round(Cpu.TotalSeconds),
            Ok = IsOk,
        },
        Json);

    private static Dictionary<string, double> Spread(HistogramBase histogram) =>
        Percentiles.ToDictionary(percentile => percentile == 100 ? "max" : string.Create(CultureInfo.InvariantCulture, $"p{percentile}"), percentile => Round(At(histogram, percentile)));

    private static double Round(double value) => Math.Round(value, 3);

    private string Reasons(string what) =>
        string.Join(", ", Books.SelectMany(book => book.Of(what)).GroupBy(happened => happened.Why).OrderByDescending(group => group.Count()).Take(3).Select(group => $"{group.Count()} x {group.Key}"));
}
