namespace Peer.Lab.Fuzz;

/// <summary>Writes what broke something: the input, and beside it what happened and how to see it again.</summary>
internal sealed class FindingFiles(FuzzPlan plan, IFuzzTarget target)
{
    public Finding Write(string problem, long number, byte[] input)
    {
        Directory.CreateDirectory(plan.Findings);
        var file = Path.Combine(plan.Findings, $"{target.Name}-{Corpus.NameOf(input)}.bin");
        File.WriteAllBytes(file, input);
        File.WriteAllText(
            Path.ChangeExtension(file, ".txt"),
            $"""
            target {target.Name}, seed {plan.Seed}, input {number}, {input.Length} bytes
            again: Peer.Lab fuzz --target {target.Name} --replay {file}

            {problem}
            """);
        return new Finding(problem.Split('\n')[0].Trim(), number, input.Length, file);
    }
}
