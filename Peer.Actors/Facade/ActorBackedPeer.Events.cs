using System.Text;
using Peer.Actors.Facade;
using Peer.Protocol;

namespace Peer.Actors;

// What each event of the manager does to the session, and the signal that tells of it. The state changes first, so that a handler sees it and may throw.
public abstract partial class ActorBackedPeer
{
    private bool FinishSuccess(PeerSession session)
    {
        if (!session.SuccessIsDue)
            return false;
        session.SuccessIsDue = false;
        EmitConnectionSucceeded();
        return true;
    }

    private void Take(PeerSession session, in InboxItem item)
    {
        switch (item.Event)
        {
            case null:
                _packets.Enqueue(session.Inbox, item);
                break;
            case PeerConnected(TargetPeerServer) server when session.Status == ConnectionStatus.Connecting:
                // Told together with ConnectionSucceeded, which brings the ID: as in the engine, the handler finds a connected peer.
                session.Joined(TargetPeerServer, server.Gauge);
                break;
            case PeerConnected joined:
                session.Joined(joined.Peer, joined.Gauge);
                EmitPeerConnected(joined.Peer);
                break;
            case PeerDisconnected left when session.Left(left.Peer) && session.Status == ConnectionStatus.Connected:
                EmitPeerDisconnected(left.Peer, left.Info);
                break;
            case PeerInterrupted away when session.Peers.ContainsKey(away.Peer):
                EmitPeerInterrupted(away.Peer);
                break;
            case PeerResumed back when session.Peers.ContainsKey(back.Peer):
                EmitPeerResumed(back.Peer);
                break;
            case PeerRestarted anew when session.Peers.ContainsKey(anew.Peer):
                if (anew.Gauge is { } gauge)
                    session.Joined(anew.Peer, gauge);
                EmitPeerRestarted(anew.Peer, anew.Unacknowledged);
                break;
            case ConnectionSucceeded success:
                session.Succeeded(success);
                EmitPeerConnected(TargetPeerServer);
                if (_session == session)
                    FinishSuccess(session);
                break;
            case Listening listening:
                session.Bound(listening.Local);
                break;
            case ConnectionFailed failure:
                End(session);
                EmitConnectionFailed(failure.Info);
                break;
            case CouldNotStart failure:
                LastErrorText = failure.Cause;
                End(session);
                EmitConnectionFailed(Info(DisconnectReason.NoAnswer, failure.Cause));
                break;
            case ServerDisconnected gone:
                End(session);
                EmitServerDisconnected(gone.Info);
                break;
            case Stopped:
                StoppedByItself(session);
                break;
        }
    }

    private void End(PeerSession session)
    {
        _session = null;
        _ended = session;
    }

    // The manager failed, or its actor system was shut down under us: everybody has gone.
    private void StoppedByItself(PeerSession session)
    {
        var info = Info(DisconnectReason.ShuttingDown, "the actor system or its manager has stopped");
        if (session.Role is PeerRole.Client)
        {
            _session = null;
            if (session.Status == ConnectionStatus.Connected)
                EmitServerDisconnected(info);
            else
                EmitConnectionFailed(info);
            return;
        }

        if (session.Peers.Count == 0)
        {
            _session = null;
            return;
        }

        // One event each, so that a handler that throws keeps none of the others from being told.
        foreach (var peer in session.Peers.Keys)
            session.Inbox.Post(new PeerDisconnected(peer, info));
        session.Inbox.Post(Stopped.Instance);
    }

    private static DisconnectInfo Info(DisconnectReason reason, string text)
    {
        const int MaxBytes = 200;
        while (Encoding.UTF8.GetByteCount(text) > MaxBytes)
            text = text[..^1];
        return DisconnectInfo.Of(reason, text);
    }
}
