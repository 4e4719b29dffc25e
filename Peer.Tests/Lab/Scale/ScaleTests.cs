using Peer.Tests.Node;

namespace Peer.Tests.Lab.Scale;

/// <summary>What rooms and players cost, as its users run it.</summary>
[Trait("Category", "Process")]
public sealed class ScaleTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    [Fact]
    public void A_small_cluster_opens_its_rooms_lets_players_in_and_loses_nobody_when_a_node_leaves()
    {
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "scale", "--nodes", "2", "--rooms", "8", "--players", "8", "--seconds", "0.5");

        var (code, output, error) = lab.End(Patience);

        Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        Assert.Contains("afterwards 8 rooms, 8 players, 0 lost: holds", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Players_who_do_not_fit_into_the_rooms_are_a_mistake_of_the_command_line()
    {
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "scale", "--rooms", "2", "--players", "100");

        var (code, _, error) = lab.End(Patience);

        Assert.Equal(2, code);
        Assert.Contains("--per-room", error, StringComparison.Ordinal);
    }
}
