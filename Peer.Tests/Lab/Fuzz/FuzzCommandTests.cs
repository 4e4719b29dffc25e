using Peer.Lab;

namespace Peer.Tests.Lab.Fuzz;

/// <summary>The command line of the fuzzer, instrumentation included.</summary>
[Collection("Fuzz")]
public sealed class FuzzCommandTests
{
    [Fact]
    public void Two_targets_are_fuzzed_with_the_instrumented_library_and_reported()
    {
        var (code, output, _) = Run("fuzz", "--target", "control", "tokens", "--inputs", "3000");

        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("6000 inputs, 0 findings", output, StringComparison.Ordinal);
        Assert.DoesNotContain(" 0 edges", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_that_does_not_exist_is_named_in_one_line()
    {
        var (code, _, error) = Run("fuzz", "--target", "nonsense");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("nonsense", error, StringComparison.Ordinal);
    }

    [Fact]
    public void One_input_is_run_again_alone()
    {
        var file = Path.GetTempFileName();
        var (code, output, _) = Run("fuzz", "--target", "frames", "--replay", file);
        File.Delete(file);

        Assert.Equal(ExitCode.Ok, code);
        Assert.Contains("nothing breaks", output, StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = LabProgram.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
