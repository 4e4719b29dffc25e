using Peer.Lab.Fuzz;
using Peer.TestKit;

namespace Peer.Tests.Lab.Fuzz;

/// <summary>The fuzzer itself, on targets with planted faults.</summary>
[Collection("Fuzz")]
public sealed class FuzzSessionTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("fuzz-tests-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_fault_behind_four_branches_is_found_step_by_step_and_made_small()
    {
        using var target = new PlantedTarget();

        var report = Run(target, inputs: 100_000);

        var finding = Assert.Single(report.Findings);
        Assert.Contains("planted", finding.What, StringComparison.Ordinal);
        Assert.Equal("FUZZ"u8.ToArray(), File.ReadAllBytes(finding.File));
        Assert.Contains("--replay", File.ReadAllText(Path.ChangeExtension(finding.File, ".txt")), StringComparison.Ordinal);
    }

    [Fact]
    public void An_input_that_costs_more_memory_than_its_length_allows_is_found()
    {
        using var target = new PlantedTarget { Greedy = true };

        var report = Run(target, inputs: 20_000);

        Assert.Contains(report.Findings, finding => finding.What.Contains("bytes of memory", StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_seed_finds_the_same_at_the_same_input()
    {
        using var target = new PlantedTarget();

        Assert.Equal(Run(target, inputs: 100_000).Findings, Run(target, inputs: 100_000).Findings);
    }

    [Fact]
    public void What_a_session_has_learned_is_written_as_few_inputs_and_read_again()
    {
        using var target = new PlantedTarget { IsSound = true };
        Run(target, inputs: 100_000, distil: _folder.FullName);

        var corpus = new Corpus(target, _folder.FullName);

        Assert.InRange(corpus.Beginning.Count, 2, 33);
        Assert.Contains(corpus.Beginning, input => input.AsSpan().StartsWith("FUZZ"u8));
    }

    private TargetReport Run(PlantedTarget target, long inputs, string distil = "") =>
        new FuzzSession(target, new FuzzPlan([target.Name], inputs, 0, 7, "", distil, _folder.FullName)).Run((_, _, _, _, _, _) => { }, CancellationToken.None);

    private sealed class PlantedTarget : IFuzzTarget
    {
        public bool Greedy { get; init; }

        public bool IsSound { get; init; }

        public string Name => "planted";

        public int MaxBytes => 64;

        public long AllowedBytes => 16 << 10;

        public IReadOnlyList<byte[]> Seeds { get; } = ["genuine"u8.ToArray()];

        public void Execute(ReadOnlyMemory<byte> input)
        {
            var wanted = "FUZZ"u8;
            var right = 0;
            for (; right < wanted.Length && right < input.Length && input.Span[right] == wanted[right]; right++)
                Coverage.Mark(right + 1);
            if (Greedy && input.Length > 40)
                GC.KeepAlive(new byte[1 << 20]);
            else if (right == wanted.Length && !Greedy && !IsSound)
                throw new InvalidOperationException("planted");
        }

        public int Mutate(Span<byte> buffer, int length, SeededSource random) => Havoc.Mutate(buffer, length, random);

        public void Dispose()
        {
        }
    }
}
