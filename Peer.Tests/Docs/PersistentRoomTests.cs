using Peer.Tests.Node;

namespace Peer.Tests.Docs;

/// <summary>The sample prints what its page says.</summary>
[Trait("Category", "Process")]
public sealed class PersistentRoomTests
{
    [Fact]
    public void The_chest_is_as_full_after_the_crash_as_before()
    {
        // Where it was built, since the tests' own folder lacks what their framework has.
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        using var sample = ProgramProcess.Of(Path.GetFullPath(Path.Combine(
            AppContext.BaseDirectory, "..", "..", "..", "..", "samples", "persistent-room", "bin", framework.Parent!.Name, framework.Name, "PersistentRoom.dll")));
        var (code, output, error) = sample.End(TimeSpan.FromMinutes(6));

        Assert.True(code == 0, error);
        var lines = output.Split('\n').Where(line => line.StartsWith("in the chest", StringComparison.Ordinal) || line.StartsWith("the room's", StringComparison.Ordinal));
        Assert.Equal(["in the chest: 100", "in the chest: 120", "the room's node is gone", "in the chest: 123"], lines);
    }
}
