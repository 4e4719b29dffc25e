namespace Peer.Protocol;

/// <summary>State of a peer, as Godot's <c>MultiplayerPeer.ConnectionStatus</c>.</summary>
public enum ConnectionStatus
{
    /// <summary>Not connected, or no longer.</summary>
    Disconnected = 0,

    /// <summary>A connection attempt is under way.</summary>
    Connecting = 1,

    /// <summary>Connected; a server is from the moment it listens.</summary>
    Connected = 2,
}
