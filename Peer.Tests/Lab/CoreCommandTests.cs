using Peer.Lab;

namespace Peer.Tests.Lab;

public sealed class CoreCommandTests
{
    [Theory]
    [InlineData("--size 200 --mode ordered --burst 50")]
    [InlineData("--pairs 3 --burst 4 --echo --datagram 9000")]
    public void The_core_is_measured_alone(string line)
    {
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Ok, LabProgram.Run(["core", .. line.Split(' '), "--seconds", "0.2"], output, TextWriter.Null));
        Assert.Contains("ns and", output.ToString(), StringComparison.Ordinal);
    }
}
