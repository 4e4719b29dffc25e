using System.Text.Json;
using Peer.Lab.Compare;

namespace Peer.Tests.Lab.Compare;

public sealed class CompareReportTests
{
    [Theory]
    [InlineData(new double[0], null)]
    [InlineData(new double[] { 7 }, 7.0)]
    [InlineData(new double[] { 9, 1 }, 5.0)]
    [InlineData(new double[] { 100, 2, 3 }, 3.0)]
    public void The_median_is_the_middle_one(double[] values, double? expected) => Assert.Equal(expected, Statistics.Median(values));

    [Fact]
    public void The_spread_is_a_share_of_the_median()
    {
        Assert.Null(Statistics.Spread([5]));
        Assert.Equal(0.5, Statistics.Spread([10, 8, 13]));
    }

    [Fact]
    public void A_ratio_is_ours_divided_by_theirs()
    {
        var workload = new MadeUpWorkload();
        var report = new CompareReport(
        [
            MadeUp.Row(workload, MadeUp.ActorPeer, MadeUp.Rate(300), MadeUp.Rate(100), MadeUp.Rate(200)),
            MadeUp.Row(workload, MadeUp.ENet, MadeUp.Rate(100)),
        ]);

        Assert.Equal(2, report.Ratio(workload, Library.ENet));
        Assert.Null(report.Ratio(workload, Library.LiteNetLib));
    }

    [Fact]
    public void A_void_round_counts_nowhere_and_is_reported()
    {
        var workload = new MadeUpWorkload();
        var row = MadeUp.Row(workload, MadeUp.ActorPeer, MadeUp.Rate(200), MadeUp.Rate(1) with { Problem = "3 of 4 arrived" }, Sample.Failed("died"));
        var report = new CompareReport([row]);
        var output = new StringWriter();

        CompareTable.Write(output, report);

        Assert.Equal((200.0, 1), (row.Headline, row.ValidRounds));
        Assert.False(report.Complete);
        Assert.Contains("ATTENTION: oneway-reliable-32 actorpeer: 2 of 3 rounds void: 3 of 4 arrived", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_row_without_a_valid_round_has_no_figures_and_no_ratio()
    {
        var workload = new MadeUpWorkload();
        var report = new CompareReport([MadeUp.Row(workload, MadeUp.ActorPeer, Sample.Failed("died")), MadeUp.Row(workload, MadeUp.ENet, MadeUp.Rate(5))]);

        Assert.Null(report.Ratio(workload, Library.ENet));
        using var json = JsonDocument.Parse(CompareJson.WriteUtf8(report));
        Assert.Equal(JsonValueKind.Null, json.RootElement.GetProperty("rows")[0].GetProperty("messages_per_second").ValueKind);
        Assert.False(json.RootElement.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public void The_json_has_the_shape_that_programs_rely_on()
    {
        var trip = new MadeUpWorkload("rtt-backtoback") { Headline = new Headline(Figure.P50, MoreIsBetter: false) };
        var report = new CompareReport(
        [
            MadeUp.Row(trip, MadeUp.ActorPeer, Trip(30, 60)),
            MadeUp.Row(trip, MadeUp.ENet, Trip(40, 90)),
            MadeUp.Row(trip, MadeUp.LiteNetLib, Trip(60, 120)),
        ]);

        using var document = JsonDocument.Parse(CompareJson.WriteUtf8(report));

        var json = document.RootElement;
        Assert.True(json.GetProperty("machine").GetProperty("cores").GetInt32() > 0);
        Assert.Equal(["actorpeer", "enet", "litenetlib"], json.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("library").GetString()));
        var row = json.GetProperty("rows")[0];
        Assert.Equal("rtt-backtoback", row.GetProperty("workload").GetString());
        Assert.True(row.GetProperty("encrypted").GetBoolean());
        Assert.Equal((30, 60), (row.GetProperty("p50_us").GetDouble(), row.GetProperty("p99_us").GetDouble()));
        Assert.All((string[])["messages_per_second", "cpu_ns_per_message", "alloc_bytes_per_message"], figure => Assert.Equal(JsonValueKind.Null, row.GetProperty(figure).ValueKind));
        var ratios = json.GetProperty("ratios").GetProperty("rtt-backtoback");
        Assert.Equal((0.75, 0.5), (ratios.GetProperty("versus_enet").GetDouble(), ratios.GetProperty("versus_litenetlib").GetDouble()));
        Assert.Equal(("p50_us", "lower"), (ratios.GetProperty("figure").GetString(), ratios.GetProperty("better").GetString()));
        Assert.Equal(0.667, ratios.GetProperty("p99_us").GetProperty("versus_enet").GetDouble());
    }

    private static Sample Trip(double p50, double p99) => new(new Dictionary<string, double> { [Figure.P50] = p50, [Figure.P99] = p99 });
}
