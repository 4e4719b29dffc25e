using System.Net;
using Akka.Actor;
using Peer.Actors.Facade;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>What the manager keeps of a client's connect token.</summary>
internal sealed record TokenClaim(byte[] Id, long Expiry, ulong ClientId);

/// <summary>One connection as the manager and its sequencers know it; immutable but for what the handshake fills in.</summary>
/// <param name="connectionId">The connection id that this end picked.</param>
/// <param name="gauge">What callers may read of it.</param>
/// <param name="receiveWindow">Reliable bytes that the other end may have under way; a part of it is given back at a time.</param>
internal sealed class Member(ulong connectionId, PeerGauge gauge, long receiveWindow) : ICreditReturn
{
    private readonly long _reportEvery = Math.Min(256 << 10, receiveWindow / 8);
    private long _consumed;

    /// <summary>The connection id that this end picked.</summary>
    public ulong ConnectionId { get; } = connectionId;

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

    /// <summary>The HELLO that it came from, for repeated ones.</summary>
    public (HelloFingerprint Hello, IPEndPoint From)? Attempt { get; set; }

    /// <summary>The token that it came with; spent once it is open.</summary>
    public TokenClaim? Token { get; set; }

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
