namespace Peer.Protocol;

/// <summary>Outcome of a call, with the names and numbers of Godot's global <c>Error</c> enumeration that this library uses.</summary>
public enum Error
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Failed with no better word for it.</summary>
    Failed = 1,

    /// <summary>What was asked for is not there, such as a packet from an empty queue.</summary>
    Unavailable = 2,

    /// <summary>The peer is not active or not connected.</summary>
    Unconfigured = 3,

    /// <summary>The payload is over the configured limit.</summary>
    OutOfMemory = 6,

    /// <summary>A file was not found.</summary>
    FileNotFound = 7,

    /// <summary>Could not connect.</summary>
    CantConnect = 25,

    /// <summary>A name could not be resolved.</summary>
    CantResolve = 26,

    /// <summary>A connection failed.</summary>
    ConnectionError = 27,

    /// <summary>Could not be created, such as a server on a port that is taken.</summary>
    CantCreate = 20,

    /// <summary>Already active.</summary>
    AlreadyInUse = 22,

    /// <summary>It took too long.</summary>
    Timeout = 24,

    /// <summary>The bytes cannot be read as what was asked for.</summary>
    InvalidData = 30,

    /// <summary>An argument names nothing that exists, such as a target that nobody has.</summary>
    InvalidParameter = 31,

    /// <summary>The outgoing queue is full; nothing was queued.</summary>
    Busy = 44,
}
