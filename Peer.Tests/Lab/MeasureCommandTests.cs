using Peer.Lab;

namespace Peer.Tests.Lab;

[Trait("Category", "Process")]
public sealed class MeasureCommandTests
{
    [Theory]
    [InlineData("oneway", "sender:", "receiver:")]
    [InlineData("rtt", "rtt: p50 ", "receiver:")]
    public void Two_processes_are_measured(params string[] wordsAndLines)
    {
        var output = new StringWriter();

        Assert.Equal(ExitCode.Ok, LabProgram.Run(["measure", wordsAndLines[0], "--seconds", "0.5"], output, TextWriter.Null));

        Assert.All(wordsAndLines.Skip(1), line => Assert.Contains(line, output.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("measure")]
    [InlineData("measure", "sideways")]
    [InlineData("measure", "rtt", "--mode", "fast")]
    public void A_mistyped_measurement_is_exit_code_2(params string[] args) =>
        Assert.Equal(ExitCode.Usage, LabProgram.Run(args, TextWriter.Null, TextWriter.Null));
}
