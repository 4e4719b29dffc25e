using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Peer.Actors.Telemetry;

/// <summary>The books of all managers of the process. Those of one application and role are one series: a node may run thousands of rooms.</summary>
internal static class Books
{
    private static readonly ConcurrentDictionary<(string Application, string Role), BookGroup> Groups = new();

    public static void Enter(ManagerBook book)
    {
        Instruments.Create();
        Groups.GetOrAdd((book.Application, book.Role), static key => new BookGroup(key.Application, key.Role)).Enter(book);
    }

    public static void Leave(ManagerBook book)
    {
        if (Groups.TryGetValue((book.Application, book.Role), out var group))
            group.Leave(book);
    }

    /// <summary>The measurements of an instrument.</summary>
    public static IEnumerable<Measurement<long>> Observe(Quantity quantity)
    {
        foreach (var group in Groups.Values)
        {
            foreach (var series in quantity.Series)
            {
                var value = group.Sum(series);
                if (value != 0 || !quantity.IsSparse)
                    yield return new Measurement<long>(value, series.TagsOf(quantity.Tag, group));
            }
        }
    }

    public static PeerTotals Totals(string? application)
    {
        var totals = new PeerTotals();
        var (trips, loss, connections) = (0, 0.0, 0);
        foreach (var group in Groups.Values)
        {
            if (application is not null && group.Application != application)
                continue;
            totals = group.AddTo(totals);
            group.Visit(statistics =>
            {
                connections++;
                loss += statistics.Loss;
                if (statistics.RoundTripMs <= 0)
                    return;
                trips++;
                totals = totals with
                {
                    RoundTripMs = totals.RoundTripMs + statistics.RoundTripMs,
                    LongestRoundTripMs = Math.Max(totals.LongestRoundTripMs, statistics.RoundTripMs),
                };
            });
        }

        return totals with { RoundTripMs = totals.RoundTripMs / Math.Max(1, trips), Loss = loss / Math.Max(1, connections) };
    }
}
