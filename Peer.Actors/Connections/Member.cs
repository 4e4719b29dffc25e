using Akka.Actor;
using Peer.Actors.Facade;
using Peer.Actors.Telemetry;
using Peer.Protocol;

namespace Peer.Actors.Connections;

/// <summary>One connection as the manager and its sequencers know it; immutable but for what the handshake fills in.</summary>
/// <param name="connectionId">The connection id that this end picked.</param>
/// <param name="gauge">What callers may read of it.</param>
/// <param name="receiveWindow">Reliable bytes that the other end may have under way; a part of it is given back at a time.</param>
internal sealed class Member(ulong connectionId, PeerGauge gauge, long receiveWindow) : ICreditReturn
{
    private readonly long _reportEvery = Math.Min(256 << 10, receiveWindow / 8);
    private long _consumed;

    /// <summary>The connection id that this end picked; another one after the connection has been resumed.</summary>
    public ulong ConnectionId { get; set; } = connectionId;

    public PeerGauge Gauge { get; } = gauge;

    /// <summary>The peer's ID; 0 while a client is dialling.</summary>
    public int Id { get; set; }

    /// <summary>The connection's actor; set by the manager right after it was created.</summary>
    public IActorRef Connection { get; set; } = ActorRefs.Nobody;

    /// <summary>Whether both ends can send and receive, so that PeerConnected was told.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether this end says HELLO.</summary>
    public bool IsDialling { get; init; }

    /// <summary>Whether the manager has already told of its end, or never will.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether its connection failed and is being stopped for it, so that its farewell tells the truth.</summary>
    public bool HasFailed { get; set; }

    /// <summary>What it was before it was welcomed; null for those whom this end has dialled.</summary>
    public Newcomer? Newcomer { get; set; }

    /// <summary>What it is as one who speaks ENet; null for the native protocol.</summary>
    public ENet.ENetGuest? Guest { get; init; }

    /// <summary>Whether it has proved to hold the keys.</summary>
    public bool HasConfirmed { get; set; }

    /// <summary>What lets a client come back; null where none may.</summary>
    public Membership? Membership { get; set; }

    /// <summary>Whether its connection may wait for it; set before the connection can lose it.</summary>
    public bool MayResume { get; set; }

    /// <summary>Whether it is away, and others have not been told that it has left.</summary>
    public bool IsInterrupted { get; set; }

    /// <summary>Whether it is away because its server moves, which is nothing to tell of.</summary>
    public bool IsMoving { get; set; }

    /// <summary>Where its connection counts; null in tests of a connection's parts.</summary>
    public ManagerBook? Book { get; init; }

    /// <summary>When the attempt began.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>When it was last interrupted.</summary>
    public DateTimeOffset AwaySince { get; set; }

    /// <summary>Renews what callers may read.</summary>
    public void Publish(PeerStatistics statistics)
    {
        var before = Gauge.Statistics;
        Gauge.Statistics = statistics;
        Book?.Published(before, statistics);
    }

    /// <inheritdoc />
    public void Consumed(int bytes)
    {
        if (bytes == 0 || Interlocked.Add(ref _consumed, bytes) < _reportEvery)
            return;
        var sum = Interlocked.Exchange(ref _consumed, 0);
        if (sum > 0)
            Connection.Tell(new CreditConsumed(sum), ActorRefs.NoSender);
    }
}
