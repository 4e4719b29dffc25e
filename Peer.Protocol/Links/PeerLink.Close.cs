using System.Buffers.Binary;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Links;

/// <summary>Leaving and moving: CLOSE and its answer, path challenges.</summary>
internal sealed partial class PeerLink
{
    private const long LingerTime = 500_000;
    private const long MinimumCloseInterval = 50_000;

    private long _closeAt;
    private long _closeDeadline;
    private bool _closeAnswerOwed;
    private ulong? _pathChallenge;
    private ulong? _pathAnswer;

    /// <summary>Closes at once: the next datagrams carry the reason until it is answered or the close time-out is over.</summary>
    public void Close(DisconnectInfo info, long now)
    {
        if (State != LinkState.Open)
            return;
        State = LinkState.Closing;
        End = info;
        _closeAt = now;
        _closeDeadline = now + _settings.CloseTimeout;
    }

    /// <summary>Writes a datagram with a path challenge, for an address that the newest datagram came from and that is not proven yet.</summary>
    public int ChallengePath(Span<byte> buffer, ulong token, long now)
    {
        _pathChallenge = token;
        var content = BeginDatagram(buffer, PathChallengeSize);
        content[0] = FrameType.PathChallenge;
        BinaryPrimitives.WriteUInt64LittleEndian(content[1..], token);
        return SealDatagram(buffer, 1 + FrameType.PathTokenLength, asksForAck: true, isProbe: false, now, out _);
    }

    /// <summary>Size of the datagram that <see cref="ChallengePath"/> writes.</summary>
    public static int PathChallengeSize => Crypto.SealedHeader.Length + 1 + FrameType.PathTokenLength + Crypto.SealedHeader.TagLength;

    /// <summary>The owner has moved to the address that answered: its round trip, bandwidth and datagram size are unknown.</summary>
    public void PathChanged(long now)
    {
        _recovery.PathChanged(now);
        _size.PathChanged(now);
        _recovery.DatagramSize = _size.Current;
    }

    /// <summary>Whether the other end has heard this end's last word.</summary>
    public bool WasAnswered { get; private set; }

    /// <summary>Closes at once, and tells the client where it goes on instead of why it ends.</summary>
    public void Migrate(Migration migration, long now)
    {
        Close(DisconnectInfo.Of(DisconnectReason.ShuttingDown, "the server goes on elsewhere"), now);
        _migration = migration;
    }

    private Migration? _migration;

    private void RemoteMoved(Migration migration, long now)
    {
        var isNews = State == LinkState.Open;
        RemoteClosed(DisconnectInfo.Of(DisconnectReason.Timeout, "the server has moved and could not be reached"), now);
        if (isNews)
            _listener.MigrateHeard(migration);
    }

    private void RemoteClosed(DisconnectInfo info, long now)
    {
        _closeAnswerOwed = true;
        if (State is LinkState.Lingering or LinkState.Closed)
            return;
        if (State == LinkState.Open)
            End = info;
        State = LinkState.Lingering;
        _closeDeadline = now + LingerTime;
    }

    private void Violate(string what)
    {
        if (State != LinkState.Open)
            return;
        Close(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, what), _lastHeard);
    }
}
