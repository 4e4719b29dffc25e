using Peer.Node.Demo;
using Peer.Protocol;
using Spectre.Console;

namespace Peer.Tests.Node;

public sealed class DemoReportTests
{
    private static readonly DemoReport Good = new(
        8,
        TimeSpan.FromSeconds(5),
        new Dictionary<TransferMode, ModeTotals>
        {
            [TransferMode.Reliable] = new(100, 100, 0, 0, 0),
            [TransferMode.UnreliableOrdered] = new(90, 88, 2, 0, 0),
            [TransferMode.Unreliable] = new(80, 79, 1, 4, 0),
        },
        250,
        1900,
        7.25,
        []);

    [Fact]
    public void The_JSON_has_exactly_this_shape() =>
        Assert.Equal(
            """
            {"clients":8,"duration_s":5.0,"modes":{
            "reliable":{"sent":100,"received":100,"missing":0,"out_of_order":0,"duplicated":0},
            "unreliable_ordered":{"sent":90,"received":88,"missing":2,"out_of_order":0,"duplicated":0},
            "unreliable":{"sent":80,"received":79,"missing":1,"out_of_order":4,"duplicated":0}},
            "rtt_us":{"p50":250,"p99":1900},"cpu_s":7.25,"ok":true}
            """.ReplaceLineEndings(""),
            Good.ToJson());

    [Fact]
    public void A_problem_makes_it_not_ok() =>
        Assert.EndsWith("\"ok\":false}", (Good with { Problems = ["the server did not listen"] }).ToJson(), StringComparison.Ordinal);

    [Fact]
    public void The_summary_shows_every_mode_with_its_totals_and_the_times()
    {
        var text = Render(console => DemoSummary.Write(console, Good));

        Assert.Contains("│ reliable           │  100 │      100 │       0 │            0 │          0 │", text, StringComparison.Ordinal);
        Assert.Contains("│ unreliable_ordered │   90 │       88 │       2 │            0 │          0 │", text, StringComparison.Ordinal);
        Assert.Contains("│ unreliable         │   80 │       79 │       1 │            4 │          0 │", text, StringComparison.Ordinal);
        Assert.Contains("8 clients, 5.0 s; echo p50 0.25 ms, p99 1.90 ms; cpu 7.3 s", text, StringComparison.Ordinal);
        Assert.Contains("ok: every reliable message arrived, once and in order", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_summary_says_so_and_the_problems_are_listed_up_to_a_bound()
    {
        var failed = Good with { Problems = [.. Enumerable.Range(1, 45).Select(number => $"problem [{number}]")] };
        var error = new StringWriter();

        DemoSummary.WriteProblems(error, failed.Problems);

        Assert.Contains("failed: 45 problems", Render(console => DemoSummary.Write(console, failed)), StringComparison.Ordinal);
        Assert.Contains("problem [40]", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("problem [41]", error.ToString(), StringComparison.Ordinal);
        Assert.Contains("and 5 more", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_live_table_has_a_row_for_each_process()
    {
        var rates = PeerRates.Of(Progress(1.0, 100, 1000), Progress(1.5, 200, 51_000));

        var text = Render(console => console.Write(LiveTable.Render("sending", TimeSpan.FromSeconds(2), [("server", rates), ("client 1 (77)", default)])));

        Assert.Contains("sending, 2.0 s", text, StringComparison.Ordinal);
        Assert.Contains("│ server        │   0.50 │    1.0 │       200 │        400 │     100 │      200 │", text, StringComparison.Ordinal);
        Assert.Contains("client 1 (77)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_progress_line_sums_the_rates_and_leaves_the_server_out_of_the_round_trip()
    {
        var line = ProgressLines.Line("sending", TimeSpan.FromSeconds(3), [new PeerRates(9, 0, 10, 20, 0, 0), new PeerRates(1, 0, 5, 5, 0, 0), new PeerRates(3, 0, 5, 5, 0, 0)]);

        Assert.Equal("  3.0 s  sending: 3 processes, 30 messages/s put, 20 taken, rtt 2.00 ms", line);
    }

    [Fact]
    public void Rates_before_the_second_progress_are_zero()
    {
        Assert.Equal(default, PeerRates.Of(null, null));
        Assert.Equal(new PeerRates(0.5, 0.01, 0, 0, 0, 0), PeerRates.Of(null, Progress(1, 5, 5)));
    }

    private static ChildLine.Progress Progress(double at, long messagesIn, long bytesIn) => new(7, 8, at, 0.5, 0.01, messagesIn, messagesIn * 2, bytesIn, bytesIn * 2, "");

    private static string Render(Action<IAnsiConsole> write)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = 120;
        console.Profile.Capabilities.Unicode = true;
        write(console);
        return text.ToString();
    }
}
