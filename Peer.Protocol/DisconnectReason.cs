namespace Peer.Protocol;

/// <summary>Why a connection ended or an attempt failed. The numbers travel on the wire (CLOSE and REFUSED).</summary>
public enum DisconnectReason : byte
{
    /// <summary>Nothing ended yet.</summary>
    None = 0,

    /// <summary>The other end closed in the ordinary way.</summary>
    Closed = 1,

    /// <summary>The server, or the local side, disconnected this peer on purpose.</summary>
    Kicked = 2,

    /// <summary>Nothing was heard for the idle time-out.</summary>
    Timeout = 3,

    /// <summary>Nobody answered the connection attempt.</summary>
    NoAnswer = 4,

    /// <summary>The server refuses new connections.</summary>
    Refusing = 16,

    /// <summary>The server has as many peers as it may.</summary>
    Full = 17,

    /// <summary>The two ends speak different protocol versions, or belong to different applications.</summary>
    Version = 18,

    /// <summary>The connect token has expired.</summary>
    TokenExpired = 19,

    /// <summary>The connect token is missing, altered, or not for this server.</summary>
    TokenInvalid = 20,

    /// <summary>The connect token has been used before.</summary>
    TokenUsed = 21,

    /// <summary>The address or client is banned.</summary>
    Banned = 22,

    /// <summary>The wanted peer ID is in use, or the two mesh peers dialled each other and the other attempt won.</summary>
    IdInUse = 23,

    /// <summary>The server could not prove the pinned identity.</summary>
    IdentityMismatch = 24,

    /// <summary>The server sent the client elsewhere too many times.</summary>
    TooManyRedirects = 25,

    /// <summary>The connection that was to be resumed is over at the server, or the ticket is not its newest.</summary>
    ResumeRefused = 26,

    /// <summary>The other end broke a rule of the protocol.</summary>
    ProtocolViolation = 32,

    /// <summary>A queue to this peer overflowed: it did not read, or its link could not carry what was sent.</summary>
    QueueOverflow = 33,

    /// <summary>Something failed inside; the log of that end says what.</summary>
    InternalError = 34,

    /// <summary>The host is shutting down.</summary>
    ShuttingDown = 35,
}
