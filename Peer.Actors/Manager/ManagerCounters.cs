using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>What a manager did, dropped and refused; <see cref="PeerCounters"/> says what each means.</summary>
internal sealed class ManagerCounters
{
    private readonly long[] _refusals = new long[byte.MaxValue + 1];
    private readonly long[] _ended = new long[byte.MaxValue + 1];

    /// <summary>Open connections now.</summary>
    public int Peers { get; set; }

    /// <summary>Of these, those that speak ENet.</summary>
    public int Guests { get; set; }

    /// <summary>Of these, those that are interrupted and may come back.</summary>
    public int Away { get; set; }

    /// <summary>Attempts under way now.</summary>
    public int HalfOpen { get; set; }

    /// <summary>Connections opened.</summary>
    public long Opened { get; set; }

    public long Hellos { get; set; }

    public long HellosOverPrefixRate { get; set; }

    public long HellosMalformed { get; set; }

    public long Challenges { get; set; }

    public long CookiesForged { get; set; }

    public long CookiesExpired { get; set; }

    public long ChallengesOverBudget { get; set; }

    public long HandshakesOverBudget { get; set; }

    public long HandshakesOverPrefixRate { get; set; }

    public long Welcomes { get; set; }

    public long Unconfirmed { get; set; }

    public long PointedElsewhere { get; set; }

    public long AdmissionsOverdue { get; set; }

    public long AdmissionsFailed { get; set; }

    public long Violations { get; set; }

    public long Interruptions { get; set; }

    public long Resumptions { get; set; }

    public long Adoptions { get; set; }

    public long LinksBroken { get; set; }

    /// <summary>Connections handed over to another server.</summary>
    public long HandedOver { get; set; }

    /// <summary>Connections taken over from another server.</summary>
    public long TakenOver { get; set; }

    public long MessagesIn { get; set; }

    /// <summary>Each as often as it has receivers.</summary>
    public long MessagesOut { get; set; }

    public long MessagesRelayed { get; set; }

    public long RelayRefused { get; set; }

    public long UnknownTarget { get; set; }

    public long DroppedUnreliable { get; set; }

    /// <summary>Unreliable messages for peers that were away.</summary>
    public long DroppedAway { get; set; }

    public long WarningsLeftOut { get; set; }

    /// <summary>Counted by the connections, each on its own thread.</summary>
    public Tally DatagramsOverIngressRate { get; } = new();

    public void Refused(DisconnectReason reason) => _refusals[(byte)reason]++;

    public void Ended(DisconnectReason reason) => _ended[(byte)reason]++;

    public long RefusedFor(DisconnectReason reason) => _refusals[(byte)reason];

    public long EndedFor(DisconnectReason reason) => _ended[(byte)reason];

    public PeerCounters Snapshot(int peers, int halfOpen, long partialBytes, int bans, TransportCounters transport)
    {
        var refusals = Enum.GetValues<DisconnectReason>().Where(reason => RefusedFor(reason) > 0).ToDictionary(reason => reason, RefusedFor);
        return new PeerCounters
        {
            Peers = peers,
            HalfOpen = halfOpen,
            PartialBytes = partialBytes,
            Hellos = Hellos,
            HellosOverPrefixRate = HellosOverPrefixRate,
            HellosMalformed = HellosMalformed,
            Challenges = Challenges,
            CookiesForged = CookiesForged,
            CookiesExpired = CookiesExpired,
            ChallengesOverBudget = ChallengesOverBudget,
            HandshakesOverBudget = HandshakesOverBudget,
            HandshakesOverPrefixRate = HandshakesOverPrefixRate,
            Welcomes = Welcomes,
            Unconfirmed = Unconfirmed,
            Refusals = refusals,
            PointedElsewhere = PointedElsewhere,
            AdmissionsOverdue = AdmissionsOverdue,
            AdmissionsFailed = AdmissionsFailed,
            Violations = Violations,
            Interruptions = Interruptions,
            Resumptions = Resumptions,
            Adoptions = Adoptions,
            LinksBroken = LinksBroken,
            DatagramsOverIngressRate = DatagramsOverIngressRate.Value,
            RelayRefused = RelayRefused,
            UnknownTarget = UnknownTarget,
            DroppedUnreliable = DroppedUnreliable,
            Bans = bans,
            WarningsLeftOut = WarningsLeftOut,
            DatagramsIn = transport.DatagramsIn.Value,
            BytesIn = transport.BytesIn.Value,
            DatagramsOut = transport.DatagramsOut.Value,
            BytesOut = transport.BytesOut.Value,
            DatagramsMalformed = transport.DroppedMalformed.Value,
            DatagramsForNobody = transport.DroppedUnknownConnection.Value,
            DatagramsOverIngressLimit = transport.DroppedIngress.Value,
        };
    }
}
