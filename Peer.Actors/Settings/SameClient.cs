namespace Peer.Actors.Settings;

/// <summary>What becomes of a token whose client id belongs to somebody who is connected.</summary>
public enum SameClient
{
    /// <summary>The newcomer is refused until the other one has gone.</summary>
    Refuse,

    /// <summary>The newcomer takes the place of the other one, once it has proved to hold its token's secret.</summary>
    Replace,

    /// <summary>Both stay: client ids mean nothing to this server.</summary>
    Allow,
}
