using System.Globalization;
using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>An independent ledger of who is connected and what was sent: it knows the laws, and nothing of how the library keeps them.</summary>
internal sealed partial class Oracle(Func<TimeSpan> clock, bool relay, ICauses causes)
{
    /// <summary>A graceful close has so long for what is queued; see connection.flush-timeout.</summary>
    private static readonly TimeSpan FlushTime = TimeSpan.FromSeconds(5);

    /// <summary>Who polls this often hears of an end about when it happens.</summary>
    private static readonly TimeSpan FreshNews = TimeSpan.FromMilliseconds(200);

    private readonly List<Session> _sessions = [];
    private readonly Dictionary<int, List<Session>> _byId = [];

    /// <summary>The first law broken.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Packets delivered.</summary>
    public long Delivered { get; private set; }

    /// <summary>How often somebody who had fallen silent came back.</summary>
    public long Returns { get; private set; }

    public IReadOnlyList<Session> Sessions => _sessions;

    /// <summary>A peer begins a life; a server or mesh peer has its ID at once.</summary>
    public Session Begin(string host, SessionKind kind, int id = 0)
    {
        var session = new Session(_sessions.Count, host, kind) { PolledAt = clock() };
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
        else if (!causes.MayFail(session.Host, reason, session.PolledAt))
            Break(Laws.NoNeedlessLoss, $"{session} could not connect: {reason} {text}");
        End(session);
    }

    /// <summary>PeerResumed was raised: the packets tell whether anything was lost, and nobody else may have noticed.</summary>
    public void Returned(Session session, int peer)
    {
        Returns++;
        if (!session.Sees(peer))
            Break(Laws.SignalsAlternate, $"{session} hears that {peer} is back, who was not there");
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
        if (!_byId.TryGetValue(id, out var bearers))
            _byId.Add(id, bearers = []);
        if (bearers.Find(other => other.IsLive) is { } twin)
            Break(Laws.SignalsAlternate, $"{session} and {twin} have the same ID");
        bearers.Add(session);
    }

    /// <summary>Judges the end of a connection that is the session's own, not a relayed peer's.</summary>
    private void JudgeLoss(Session session, int peer, DisconnectReason reason)
    {
        // A server's ID has had several bearers, one after the other, and it may be any of them whose end is heard of only now.
        var others = _byId.GetValueOrDefault(peer) ?? [];
        // Nobody bears it whose application was never told that it is connected.
        var what = $"{session} lost {(others.Count == 0 ? peer.ToString(CultureInfo.InvariantCulture) : others[^1].ToString())}: {reason}";
        switch (reason)
        {
            case DisconnectReason.Closed when others.Count == 0 || others.Exists(other => other.ClosedAt is not null):
            case DisconnectReason.Kicked when session.Views[peer].Kicked || others.Exists(other => other.Views.TryGetValue(session.Id, out var view) && view.Kicked):
                break;

            case DisconnectReason.Timeout:
                if (others.Count == 1 && others[0].IsLive && others[0].Sees(session.Id) && !causes.MayTimeOut(session.Host, others[0].Host, session.PolledAt))
                    Break(Laws.NoNeedlessLoss, what);
                if (others.Count > 1 && others.TrueForAll(other => other.EndedAt is not { } end || end < session.Views[peer].Since)
                    && others[^1].Sees(session.Id) && !causes.MayTimeOut(session.Host, others[^1].Host, session.PolledAt))
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
        var leaver = _byId.GetValueOrDefault(peer)?.FindLast(other => other.ClosedAt is not null);
        if (reason != DisconnectReason.Closed || leaver?.ClosedAt is not { } closed || clock() - closed >= FlushTime || clock() - session.PolledAt > FreshNews)
            return;

        // A server that closes takes all its clients with it, also those who are still on their way out.
        if (session.Kind == SessionKind.Client && peer != 1 && _byId.GetValueOrDefault(1)?.Exists(server => clock() - server.ClosedAt < FlushTime) == true)
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
    /// <param name="one">A host.</param>
    /// <param name="other">Another.</param>
    /// <param name="since">It may have happened at any time from here to now.</param>
    bool MayTimeOut(string one, string other, TimeSpan since);

    /// <summary>Whether a connection attempt of a host may have failed for that reason.</summary>
    /// <param name="host">The host.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="since">It may have happened at any time from here to now.</param>
    bool MayFail(string host, DisconnectReason reason, TimeSpan since);
}
