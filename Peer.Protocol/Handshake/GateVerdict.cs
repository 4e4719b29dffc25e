namespace Peer.Protocol.Handshake;

/// <summary>What the caller does with a HELLO.</summary>
internal enum GateAction
{
    /// <summary>Nothing; count it.</summary>
    Ignore,

    /// <summary>Send the reply.</summary>
    Reply,

    /// <summary>Go on with the HELLO.</summary>
    Admit,
}

/// <summary>Why the gate decided so, in the order in which it checks; for counters.</summary>
internal enum GateReason
{
    WrongSize,
    WrongKind,
    OtherVersion,
    OtherApplication,
    Malformed,
    NoCookie,
    CookieExpired,
    CookieForged,
    TokenMissing,
    TokenExpired,
    TokenInvalid,
    TokenForOtherServer,
    Admitted,

    /// <summary>Admitted with a resume ticket in the token's place, unopened.</summary>
    Ticket,
}

/// <summary>The gate's decision on one datagram.</summary>
internal readonly record struct GateVerdict(GateAction Action, GateReason Reason);
