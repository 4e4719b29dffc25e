using System.Diagnostics;
using System.Text.Json;
using Peer.Lab.Soak;
using Peer.Tests.Node;

namespace Peer.Tests.Lab.Soak;

/// <summary>The soak: its plan, its books, and a short one for real.</summary>
public sealed class SoakTests
{
    [Fact]
    public void The_same_seed_draws_the_same_plan_with_every_deed_of_a_long_soak()
    {
        var plan = SoakPlan.Draw(5, minutes: 30, clients: 200, rate: 1, loss: 0.05);

        Assert.Equal(plan.Steps, SoakPlan.Draw(5, 30, 200, 1, 0.05).Steps);
        Assert.NotEqual(plan.Steps, SoakPlan.Draw(6, 30, 200, 1, 0.05).Steps);
        Assert.Equal(Enum.GetValues<SoakDeed>(), plan.Steps.Select(step => step.Deed).Distinct().Order());
        Assert.All(plan.Steps, step => Assert.InRange(step.At, 0.1 * plan.Seconds, 0.85 * plan.Seconds));
        Assert.All(plan.Steps.Where(step => step.Deed == SoakDeed.KillServer), step => Assert.NotEqual(0, step.Target));
        Assert.Equal(200, Enumerable.Range(0, SoakPlan.ClientProcesses).Sum(plan.ClientsOf));
    }

    [Fact]
    public void A_message_that_is_altered_in_any_byte_is_not_what_was_sent()
    {
        var message = SoakMessage.Write(77, 12);
        Assert.True(SoakMessage.TryRead(message, out var stream, out var number));
        Assert.Equal((77UL, 12L), (stream, number));
        for (var at = 0; at < message.Length; at++)
        {
            var altered = (byte[])message.Clone();
            altered[at] ^= 1;
            Assert.False(SoakMessage.TryRead(altered, out _, out _));
        }

        Assert.False(SoakMessage.TryRead(message.AsSpan(1), out _, out _));
    }

    [Fact]
    public void What_survivors_have_not_got_is_missing_and_what_the_dead_have_not_got_is_not()
    {
        var ledger = new SoakLedger();
        Enter(1, 10, StreamState.Open, 10, StreamState.Open);
        Enter(2, 10, StreamState.Closed, 9, StreamState.Closed);
        Enter(3, 10, StreamState.Severed, 4, StreamState.Severed);
        Enter(4, 10, StreamState.Closed, 4, StreamState.Severed);
        ledger.Enter(new SoakLine.Entry(5, IsSender: true, 3, StreamState.Open));
        Assert.Equal((4, 2, 20L, 4L), (ledger.Streams, ledger.Survivors, ledger.SurvivorsSent, ledger.Missing));
        Assert.Empty(ledger.Impossible);

        Enter(6, 1, StreamState.Severed, 2, StreamState.Severed);
        Assert.Single(ledger.Impossible);

        void Enter(ulong stream, long sent, StreamState sender, long received, StreamState receiver)
        {
            ledger.Enter(new SoakLine.Entry(stream, IsSender: true, sent, sender));
            ledger.Enter(new SoakLine.Entry(stream, IsSender: false, received, receiver));
        }
    }

    [Theory]
    [InlineData(100, 104, true)]
    [InlineData(100, 106, false)]
    [InlineData(100, 50, true)]
    [InlineData(10, 12, true)]
    public void A_figure_is_flat_when_its_last_quarter_is_not_above_its_second(double second, double last, bool isFlat)
    {
        (double, double)[] samples = [(10, 500), (30, second), (45, second), (60, 900), (80, last), (99, last)];

        Assert.Equal(isFlat, Flatness.Of("p", "f", samples, 100, slack: 2)!.IsFlat);
    }

    [Fact]
    [Trait("Category", "Process")]
    public void A_short_soak_on_real_sockets_loses_nothing_and_leaves_a_report_and_nobody_behind()
    {
        var folder = Directory.CreateTempSubdirectory("soak-tests-");
        var (json, svg) = (Path.Combine(folder.FullName, "soak.json"), Path.Combine(folder.FullName, "soak.svg"));
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "soak", "--minutes", "0.35", "--clients", "16", "--json", json, "--svg", svg);

        var (_, output, error) = lab.End(TimeSpan.FromMinutes(10));

        // Memory means nothing in so short a time; the books do.
        using var report = JsonDocument.Parse(File.ReadAllText(json));
        var root = report.RootElement;
        Assert.True(root.GetProperty("Finished").GetBoolean(), output + error);
        Assert.Equal(0, root.GetProperty("Missing").GetInt64());
        Assert.True(root.GetProperty("Faults").GetArrayLength() == 0, output);
        Assert.True(root.GetProperty("Survivors").GetInt32() > 0, output);
        Assert.StartsWith("<?xml", File.ReadAllText(svg), StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    [Fact]
    [Trait("Category", "Process")]
    public void Children_whose_judge_is_killed_end_by_themselves()
    {
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "soak", "--minutes", "5", "--clients", "4", "--seed", "4242");
        lab.ExpectError("starting");
        var patience = Stopwatch.StartNew();
        while (Children().Length < 2)
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(180), "no children come");

        lab.Signal("KILL");
        lab.End(TimeSpan.FromSeconds(180));

        patience.Restart();
        while (Children().Length > 0)
            Assert.True(patience.Elapsed < TimeSpan.FromSeconds(180), $"still there: {string.Join(", ", Children())}");
    }

    /// <summary>Those of this soak, by its seed.</summary>
    private static string[] Children() =>
    [
        .. Directory.GetDirectories("/proc").Where(folder => int.TryParse(Path.GetFileName(folder), out _)).Select(CommandLine).Where(line => line.Contains("soak-", StringComparison.Ordinal) && line.Contains("\0434", StringComparison.Ordinal)),
    ];

    private static string CommandLine(string folder)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
