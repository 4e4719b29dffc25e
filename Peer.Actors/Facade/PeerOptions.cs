namespace Peer.Actors;

/// <summary>What a server may be told beside its port.</summary>
public sealed record ServerOptions
{
    /// <summary>Address to listen on; <c>*</c> is every address, IPv6 and IPv4.</summary>
    public string BindAddress { get; init; } = "*";

    /// <summary>Most clients, 1 or more; null for the value of the settings.</summary>
    public int? MaxPeers { get; init; }

    /// <summary>The game's own word on who may join, or null.</summary>
    public IAdmission? Admission { get; init; }

    /// <summary>How Godot's own clients are spoken to, on a second port: one room, one space of IDs, relay across. Null: not at all.</summary>
    public ENetOptions? ENet { get; init; }

    /// <summary>UDP port for ENet, where <see cref="ENet"/> is set; 0 lets the system choose, see <see cref="ActorBackedPeer.LocalENetPort"/>.</summary>
    public int ENetPort { get; init; }
}

/// <summary>What a client may be told beside its server.</summary>
public sealed record ClientOptions
{
    /// <summary>Connect token as text, or null.</summary>
    public string? Token { get; init; }

    /// <summary>The public key that the server must prove to hold: base64url of 64 bytes, or null.</summary>
    public string? PinnedServerKey { get; init; }

    /// <summary>The room of a cluster that it wants, at most 128 bytes of UTF-8; any node of the cluster may be asked. Empty for none.</summary>
    public string Room { get; init; } = "";

    /// <summary>Bytes for the server's admission, at most 256; a room takes its name's bytes of these and 7 more.</summary>
    public ReadOnlyMemory<byte> ApplicationData { get; init; }

    /// <summary>Local port, 0 for any.</summary>
    public int LocalPort { get; init; }

    /// <summary>Local address to send from; <c>*</c> is any.</summary>
    public string BindAddress { get; init; } = "*";
}

/// <summary>What a mesh peer may be told beside its ID.</summary>
public sealed record MeshOptions
{
    /// <summary>UDP port to listen on, 0 for any.</summary>
    public int Port { get; init; }

    /// <summary>Address to listen on; <c>*</c> is every address, IPv6 and IPv4.</summary>
    public string BindAddress { get; init; } = "*";
}
