using Peer.Lab.Fuzz;
using Peer.TestKit;

namespace Peer.Tests.Lab.Fuzz;

/// <summary>What fuzzing has found worth keeping, run again: few inputs for each target that pass what millions have passed, and every input that ever broke something.</summary>
public sealed class CorpusTests
{
    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Every_input_of_the_corpus_is_withstood(string name)
    {
        var files = Corpus.FilesOf(Path.Combine(AppContext.BaseDirectory, "Fuzz", "Corpus"), name);
        Assert.NotEmpty(files);
        using var target = FuzzTargets.Create(name);
        foreach (var file in files)
        {
            var problem = Record.Exception(() => target.Execute(File.ReadAllBytes(file)));
            Assert.True(problem is null, $"{Path.GetFileName(file)}: {problem}");
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Genuine_inputs_and_ten_thousand_changed_ones_are_withstood(string name)
    {
        using var target = FuzzTargets.Create(name);
        var random = new SeededSource(11);
        var buffer = new byte[target.MaxBytes];
        for (var i = 0; i < 10_000; i++)
        {
            var seed = target.Seeds[i % target.Seeds.Count];
            seed.CopyTo(buffer, 0);
            var length = seed.Length;
            for (var changes = i < target.Seeds.Count ? 0 : 1 + (i % 4); changes > 0; changes--)
                length = target.Mutate(buffer, length, random);
            target.Execute(buffer.AsMemory(0, length));
        }
    }
}
