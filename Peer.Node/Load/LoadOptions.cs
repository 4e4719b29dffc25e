using Akka.Configuration;

namespace Peer.Node.Load;

/// <summary>What bots are to do.</summary>
internal sealed record LoadOptions
{
    /// <summary>The server, or nodes of a cluster; bots ask them in turn.</summary>
    public required IReadOnlyList<ServerAddress> Servers { get; init; }

    public required int Bots { get; init; }

    /// <summary>The number of the first bot; several processes that play in the same rooms must not have two of one number.</summary>
    public int FirstBot { get; init; } = 1;

    /// <summary>Rooms of the cluster that they share evenly; 0: the one room of a server.</summary>
    public int Rooms { get; init; }

    /// <summary>What names of rooms begin with.</summary>
    public string RoomPrefix { get; init; } = "load";

    /// <summary>Messages a second of each bot.</summary>
    public required double Rate { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>Bytes of a message.</summary>
    public required int Size { get; init; }

    public ModeMix Mix { get; init; } = ModeMix.Default;

    public int Seed { get; init; } = 1;

    /// <summary>File for the books of all bots; null: nowhere.</summary>
    public string? Books { get; init; }

    /// <summary>Of the bots' actor system.</summary>
    public required Config Config { get; init; }

    /// <summary>The room of a bot; empty for the one room of a server.</summary>
    public string RoomOf(int bot) => Rooms == 0 ? "" : $"{RoomPrefix}-{(bot % Rooms) + 1}";
}
