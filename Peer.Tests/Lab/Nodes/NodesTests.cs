using System.Text.Json;
using Peer.Tests.Node;

namespace Peer.Tests.Lab.Nodes;

/// <summary>Three node processes, in short form.</summary>
[Trait("Category", "Process")]
public sealed class NodesTests
{
    [Fact]
    public void A_drained_node_loses_and_repeats_nothing_and_a_killed_ones_players_are_back_with_their_IDs()
    {
        // How fast they are back is measured by the command itself, not on a machine that runs a thousand other tests.
        using var lab = ProgramProcess.Of("Peer.Lab.dll", "nodes", "--bots", "24", "--rooms", "9", "--pause", "2", "--patience", "3", "--return-limit", "120", "--json");

        var (code, output, error) = lab.End(TimeSpan.FromSeconds(480));

        Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.True(root.GetProperty("ok").GetBoolean());
        Assert.True(root.GetProperty("reliable").GetProperty("owed").GetInt64() > 0);
        Assert.Equal(0, root.GetProperty("reliable").GetProperty("repeated").GetInt64());
        Assert.True(root.GetProperty("returned_bots").GetInt32() > 0);
    }
}
