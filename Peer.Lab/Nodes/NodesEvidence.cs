using System.Text.Json;

namespace Peer.Lab.Nodes;

/// <summary>When things were done to the nodes, in milliseconds since 1970, and what was seen from outside.</summary>
internal sealed class NodesEvidence
{
    public long AllIn { get; set; }

    public long DrainBegan { get; set; }

    public long DrainEnded { get; set; }

    public int DrainExit { get; set; }

    public long Killed { get; set; }

    public long StopAsked { get; set; }

    public double Seconds { get; set; }

    /// <summary>Rooms of the node that was drained, as it listed them.</summary>
    public IReadOnlyList<string> RoomsOfDrained { get; set; } = [];

    /// <summary>Rooms of the node that was killed, as it listed them.</summary>
    public IReadOnlyList<string> RoomsOfKilled { get; set; } = [];

    public IReadOnlyList<int> LastExits { get; set; } = [];
}

/// <summary>A room in <c>/api/status</c>.</summary>
internal sealed record RoomOnNode(string Name, string Node, int Peers)
{
    public static List<RoomOnNode> Read(string status)
    {
        using var json = JsonDocument.Parse(status);
        return
        [
            .. json.RootElement.GetProperty("rooms").EnumerateArray().Select(room => new RoomOnNode(
                room.GetProperty("name").GetString() ?? "", room.GetProperty("node").GetString() ?? "", room.GetProperty("peers").GetInt32())),
        ];
    }
}
