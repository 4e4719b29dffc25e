using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>An independent ledger of who is connected and what was sent: it knows the laws, and nothing of how the library keeps them.</summary>
internal sealed partial class Oracle(Func<TimeSpan> clock, bool relay, ICauses causes)
{
    /// <summary>A graceful close has so long for what is queued; see connection.flush-timeout.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    private readonly List<Session> _sessions = [];
    private readonly Dictionary<int, Session> _byId = [];

    /// <summary>The first law broken.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Packets delivered.</summary>
    public long Delivered { get; private set; }

    public IReadOnlyList<Session> Sessions => _sessions;

    /// <summary>A peer begins a life; a server or mesh peer has its ID at once.</summary>
    public Session Begin(string host, SessionKind kind, int id = 0)
    {
        var session = new Session(_sessions.Count, host, kind);
        _sessions.Add(session);
        if (id != 0)
            Name(session, id);
        return session;
    }

    /// <summary>A life ends: closed, crashed, or its server lost.</summary>
    public void End(Session session)
    {
        session.IsLive = false;
        session.EndedAt ??= clock();
    }

    /// <summary>An application begins to close.</summary>
    public void Closing(Session session) => session.ClosedAt = clock();

    /// <summary>A server disconnects a peer.</summary>
    public void Kicks(Session server, int peer)
    {
        if (server.Views.TryGetValue(peer, out var view))
            view.Kicked = true;
    }

    /// <summary>PeerConnected was raised.</summary>
    /// <param name="session">At whom.</param>
    /// <param name="peer">For whom.</param>
    /// <param name="ownId">The session's own ID by then.</param>
    public void Joined(Session session, int peer, int ownId)
    {
        if (session.Id == 0)
            Name(session, ownId);
        if (session.Id != ownId)
            Break(Laws.SignalsAlternate, $"{session} says that its ID is {ownId}");
        if (!session.IsLive)
            Break(Laws.SignalsAlternate, $"{session} has ended and hears that {peer} connected");
        if (session.Kind == SessionKind.Client && session.PeersSeen == 0 && peer != 1)
            Break(Laws.SignalsAlternate, $"{session} hears of {peer} before it hears of its server");
        if (peer == ownId || peer < 1 || (peer == 1 && session.Kind == SessionKind.Server))
            Break(Laws.SignalsAlternate, $"{session} hears that {peer} connected, which cannot be");
        if (!session.Views.TryGetValue(peer, out var view))
            session.Views.Add(peer, view = new View());
        if (view.IsPresent)
            Break(Laws.SignalsAlternate, $"{session} hears twice that {peer} connected");
        session.PeersSeen++;
        view.IsPresent = true;
        view.Comings++;
        view.SeenFrom = NextNumber;
        view.Since = clock();
    }

    /// <summary>PeerDisconnected was raised.</summary>
    public void Left(Session session, int peer, DisconnectReason reason)
    {
        if (!session.Views.TryGetValue(peer, out var view) || !view.IsPresent)
        {
            Break(Laws.SignalsAlternate, $"{session} hears that {peer} disconnected, who was not connected");
            return;
        }

        view.IsPresent = false;
        if (!session.IsLive)
            Break(Laws.SignalsAlternate, $"{session} has ended and hears that {peer} disconnected");
        if (session.Kind != SessionKind.Client || peer == 1)
            JudgeLoss(session, peer, reason);
        CheckGracefulClose(session, peer, reason);
    }

    /// <summary>ServerDisconnected was raised: the client's life ends.</summary>
    public void LostServer(Session session)
    {
        foreach (var (peer, view) in session.Views)
        {
            if (view.IsPresent)
                Break(Laws.SignalsAlternate, $"{session} lost its server and never heard that {peer} disconnected");
        }

        End(session);
    }

    /// <summary>ConnectionFailed was raised: the client's life ends.</summary>
    public void Failed(Session session, DisconnectReason reason, string text)
    {
        if (session.PeersSeen > 0)
            Break(Laws.SignalsAlternate, $"{session} was connected and hears that its attempt failed");
        if (reason is DisconnectReason.ProtocolViolation or DisconnectReason.InternalError or DisconnectReason.QueueOverflow)
            Break(Laws.NoFailure, $"{session} could not connect: {reason} {text}");
        else if (!causes.MayFail(session.Host, reason))
            Break(Laws.NoNeedlessLoss, $"{session} could not connect: {reason} {text}");
        End(session);
    }

    public void Break(string law, string text) => Violation ??= new Violation(law, clock(), text);

    private void Name(Session session, int id)
    {
        if (id == 0)
        {
            Break(Laws.SignalsAlternate, $"{session} is connected and has no ID");
            return;
        }

        session.Id = id;
        if (_byId.TryGetValue(id, out var other) && other.IsLive)
            Break(Laws.SignalsAlternate, $"{session} and {other} have the same ID");
        _byId[id] = session;
    }

    private void JudgeLoss(Session session, int peer, DisconnectReason reason)
    {
        _byId.TryGetValue(peer, out var other);
        var what = $"{session} lost {(other is null ? peer.ToString(System.Globalization.CultureInfo.InvariantCulture) : other.ToString())}: {reason}";
        switch (reason)
        {
            case DisconnectReason.Closed when other?.ClosedAt is not null:
            case DisconnectReason.Kicked when session.Views[peer].Kicked || (other?.Views.TryGetValue(session.Id, out var view) == true && view.Kicked):
                break;

            case DisconnectReason.Timeout:
                if (other is { IsLive: true } && other.Sees(session.Id) && !causes.MayTimeOut(session.Host, other.Host))
                    Break(Laws.NoNeedlessLoss, what);
                break;

            case DisconnectReason.ProtocolViolation or DisconnectReason.InternalError or DisconnectReason.QueueOverflow:
                Break(Laws.NoFailure, what);
                break;

            default:
                Break(Laws.NoNeedlessLoss, what);
                break;
        }
    }

    /// <summary>Whoever closes gracefully and is heard of before its flush time is over has had everything acknowledged.</summary>
    private void CheckGracefulClose(Session session, int peer, DisconnectReason reason)
    {
        if (reason != DisconnectReason.Closed || !_byId.TryGetValue(peer, out var leaver) || leaver.ClosedAt is not { } closed || clock() - closed >= FlushTime)
            return;
        foreach (var (stream, packets) in leaver.Sent)
        {
            if ((stream & 3) == (int)TransferMode.Reliable && FirstOwed(leaver, session, stream, packets) is { } missing)
                Break(Laws.GracefulClose, $"{session} hears that {leaver} closed and never got its packet {missing}");
        }
    }
}

/// <summary>What the network did that may excuse a loss.</summary>
internal interface ICauses
{
    /// <summary>Whether one of two hosts may have heard nothing of the other for about the idle time-out.</summary>
    bool MayTimeOut(string one, string other);

    /// <summary>Whether a connection attempt of a host that ends now may have failed for that reason.</summary>
    bool MayFail(string host, DisconnectReason reason);
}
