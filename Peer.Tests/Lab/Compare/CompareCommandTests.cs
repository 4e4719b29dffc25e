using System.Text.Json;
using Peer.Lab;
using Peer.Lab.Compare;
using Peer.Lab.Simulate;
using Peer.TestKit.Scenarios;

namespace Peer.Tests.Lab.Compare;

[Trait("Category", "Process")]
public sealed class CompareCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("compare").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("--quick --json out.json")]
    [InlineData("--slow --rounds 5 --seconds 2.5 --warm-up 3")]
    [InlineData("--workloads oneway-reliable-32,rtt-* --libraries actorpeer,enet")]
    public void A_right_command_line_is_accepted(string line) =>
        Assert.Empty(LabProgram.CreateRoot(new Laboratory(ScenarioPlayer.Play)).Parse(["compare", .. Words(line)]).Errors);

    [Theory]
    [InlineData("--quick --slow", "exclude")]
    [InlineData("--quick --workloads connect", "--quick")]
    [InlineData("--workloads sideways", "'sideways' is none of oneway-reliable-32")]
    [InlineData("--libraries raknet", "'raknet' is none of actorpeer, enet, litenetlib")]
    [InlineData("--rounds 0", "--rounds must be 1 .. 100")]
    [InlineData("--seconds 0", "--seconds must be 0.1 .. 600")]
    [InlineData("--warm-up 100", "--warm-up must be 0 .. 60")]
    public void A_mistyped_command_line_is_exit_code_2_and_says_what_is_wrong(string line, string mention)
    {
        var (code, output, error) = Run(line);

        Assert.Equal((ExitCode.Usage, ""), (code, output));
        Assert.Contains(mention, error, StringComparison.Ordinal);
        Assert.Contains("compare --help", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_help_names_every_option_and_every_exit_code()
    {
        var (code, output, _) = Run("--help");

        Assert.Equal(0, code);
        Assert.All((string[])["--quick", "--slow", "--workloads", "--libraries", "--rounds", "--seconds", "--warm-up", "--json", "Examples:", "Exit codes:"], text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_workload_has_a_name_of_its_own_and_the_quick_ones_are_the_promised_ones()
    {
        Assert.Equal(WorkloadCatalog.All.Count, WorkloadCatalog.All.Select(workload => workload.Name).Distinct().Count());
        Assert.Equal(
            ["oneway-reliable-32", "oneway-reliable-1000", "rtt-1khz", "rtt-backtoback"],
            WorkloadCatalog.All.Where(workload => workload.Set == WorkloadSet.Quick).Select(workload => workload.Name));
    }

    [Theory]
    [InlineData("oneway-reliable-32")]
    [InlineData("oneway-ordered-1000")]
    [InlineData("echo-50x1")]
    [InlineData("rtt-backtoback")]
    [InlineData("fanout-64")]
    public void Two_managed_libraries_are_really_compared(string workload)
    {
        var file = Path.Combine(_folder, "out.json");

        var (code, output, error) = Run($"--workloads {workload} --libraries actorpeer,litenetlib --rounds 1 --seconds 0.4 --warm-up 0.2 --json {file}");

        // How fast is not asserted, nor that a busy machine gave both of them their time; that there are rows is.
        Assert.True(code is ExitCode.Ok or ExitCode.Violation, $"{output}\n{error}");
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Equal(["actorpeer", "litenetlib"], json.RootElement.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("library").GetString()));
        Assert.Equal(code == ExitCode.Ok, json.RootElement.GetProperty("complete").GetBoolean());
        Assert.True(code == ExitCode.Ok || output.Contains("ATTENTION", StringComparison.Ordinal), output);
    }

    [ENetFact]
    public void ENet_is_really_measured()
    {
        var (code, output, error) = Run("--workloads oneway-reliable-32,echo-50x1,rtt-backtoback --libraries enet --rounds 1 --seconds 0.2 --warm-up 0.1");

        // A machine busy with other tests may starve an end; then the report says so, and that is all that may be wrong.
        Assert.True(code == ExitCode.Ok || output.Contains("ATTENTION", StringComparison.Ordinal), $"{output}\n{error}");
        Assert.Contains("rtt-backtoback", output, StringComparison.Ordinal);
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static (int Code, string Output, string Error) Run(string line)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = LabProgram.Run(["compare", .. Words(line)], output, error);
        return (code, output.ToString(), error.ToString());
    }
}

/// <summary>A fact about a machine that has ENet and a C compiler; elsewhere the run says what to install.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ENetFactAttribute : FactAttribute
{
    public ENetFactAttribute()
    {
        if (NativeBuild.TryBuild(out var problem) is null)
            Skip = $"{problem}; {NativeBuild.Remedy}";
    }
}
