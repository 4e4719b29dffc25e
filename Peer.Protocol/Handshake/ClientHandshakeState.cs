namespace Peer.Protocol.Handshake;

/// <summary>How far a connection attempt has come; all but the first are final.</summary>
internal enum ClientHandshakeState
{
    /// <summary>HELLO is being repeated.</summary>
    Hello,

    /// <summary>The keys stand.</summary>
    Established,

    /// <summary>The server said no, or is not the one that it should be.</summary>
    Refused,

    /// <summary>The server named another one.</summary>
    Redirected,

    /// <summary>Nobody answered in time.</summary>
    TimedOut,
}
