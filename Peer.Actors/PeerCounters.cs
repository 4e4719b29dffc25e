using Peer.Protocol;

namespace Peer.Actors;

/// <summary>Asks a manager for its counters; it answers the sender with a <see cref="PeerCounters"/>.</summary>
public sealed record GetCounters : IPeerCommand
{
    /// <summary>The only value.</summary>
    public static GetCounters Instance { get; } = new();
}

/// <summary>What a manager did, dropped and refused since it started: the numbers to watch under attack.</summary>
public sealed record PeerCounters : IPeerEvent
{
    /// <summary>Peers connected just now.</summary>
    public required int Peers { get; init; }

    /// <summary>Attempts under way just now: with the admission hook, or welcomed and not confirmed.</summary>
    public required int HalfOpen { get; init; }

    /// <summary>Bytes of unreliable messages just now of which pieces are missing.</summary>
    public required long PartialBytes { get; init; }

    /// <summary>Datagrams that came as HELLO.</summary>
    public required long Hellos { get; init; }

    /// <summary>HELLOs dropped unread: their source prefix sent too many.</summary>
    public required long HellosOverPrefixRate { get; init; }

    /// <summary>HELLOs of a wrong size or with illegal fields, and answers to a HELLO that nobody sent, dropped.</summary>
    public required long HellosMalformed { get; init; }

    /// <summary>Cookies handed out.</summary>
    public required long Challenges { get; init; }

    /// <summary>Of these, in answer to a cookie that was forged, damaged or of another address.</summary>
    public required long CookiesForged { get; init; }

    /// <summary>Of these, in answer to a cookie that had expired.</summary>
    public required long CookiesExpired { get; init; }

    /// <summary>Cookies not handed out: the budget of all sources together was spent.</summary>
    public required long ChallengesOverBudget { get; init; }

    /// <summary>Attempts with a proven address that were dropped, to be repeated: the budget of all sources together was spent.</summary>
    public required long HandshakesOverBudget { get; init; }

    /// <summary>Attempts with a proven address that were dropped, to be repeated: their source prefix tried too often.</summary>
    public required long HandshakesOverPrefixRate { get; init; }

    /// <summary>Key agreements done for newcomers.</summary>
    public required long Welcomes { get; init; }

    /// <summary>Attempts that were welcomed and never confirmed.</summary>
    public required long Unconfirmed { get; init; }

    /// <summary>Refusals sent, by reason.</summary>
    public required IReadOnlyDictionary<DisconnectReason, long> Refusals { get; init; }

    /// <summary>Newcomers and returning clients that were sent to another server.</summary>
    public long PointedElsewhere { get; init; }

    /// <summary>Questions that the admission hook did not answer in time.</summary>
    public required long AdmissionsOverdue { get; init; }

    /// <summary>Questions at which the admission hook threw.</summary>
    public required long AdmissionsFailed { get; init; }

    /// <summary>Peers cut off because they broke the protocol.</summary>
    public required long Violations { get; init; }

    /// <summary>Connections that fell silent and were kept for the grace time; at a client, its own.</summary>
    public required long Interruptions { get; init; }

    /// <summary>Connections that went on under new keys.</summary>
    public required long Resumptions { get; init; }

    /// <summary>Clients taken in by a ticket of another server, see <c>actorpeer.resume.adopt</c>.</summary>
    public long Adoptions { get; init; }

    /// <summary>Links to other gateways of a spanning room that were given up while both ends lived: too much waited, or something was lost.</summary>
    public long LinksBroken { get; init; }

    /// <summary>Datagrams of connected clients dropped unopened: over <c>ingress-datagrams-per-second</c> or <c>ingress-bytes-per-second</c>.</summary>
    public required long DatagramsOverIngressRate { get; init; }

    /// <summary>Messages for another client while the relay is off.</summary>
    public required long RelayRefused { get; init; }

    /// <summary>Packets in another's name, by peers that speak ENet; dropped.</summary>
    public long ENetForged { get; init; }

    /// <summary>Relayed messages for a target that nobody has.</summary>
    public required long UnknownTarget { get; init; }

    /// <summary>Unreliable messages that a full queue did not take.</summary>
    public required long DroppedUnreliable { get; init; }

    /// <summary>Bans in force.</summary>
    public required int Bans { get; init; }

    /// <summary>Warnings left out of the log because there were too many.</summary>
    public required long WarningsLeftOut { get; init; }

    /// <summary>Datagrams received by the socket.</summary>
    public required long DatagramsIn { get; init; }

    /// <summary>Bytes received by the socket.</summary>
    public required long BytesIn { get; init; }

    /// <summary>Datagrams sent by the socket.</summary>
    public required long DatagramsOut { get; init; }

    /// <summary>Bytes sent by the socket.</summary>
    public required long BytesOut { get; init; }

    /// <summary>Datagrams dropped since they are neither sealed nor of the handshake.</summary>
    public required long DatagramsMalformed { get; init; }

    /// <summary>Sealed datagrams dropped since nobody has their connection id.</summary>
    public required long DatagramsForNobody { get; init; }

    /// <summary>Datagrams dropped since too many bytes were waiting for the same receiver.</summary>
    public required long DatagramsOverIngressLimit { get; init; }
}
