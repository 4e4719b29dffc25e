using Akka.Actor;
using Akka.Event;
using Peer.Actors;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;
using Peer.Protocol;

namespace Peer.Cluster.Rooms;

/// <summary>An open room, until it moves or closes.</summary>
internal sealed partial class RoomEntity
{
    private ReadOnlyMemory<byte> _saved;
    private DisconnectInfo _ending = DisconnectInfo.None;

    /// <summary>The shard is handed over and waits for this actor's end: it no longer hears of passivation.</summary>
    private bool _isToldToStop;

    /// <summary>Players come and go.</summary>
    private void Serving(object message)
    {
        switch (message)
        {
            case FindRoom:
                // Whoever asks is on the way here, and must not find the room about to close.
                Sender.Tell(At);
                WatchForEmptiness();
                break;

            case PeerCounters counters:
                _peersHere = counters.Peers;
                TellNews();
                break;

            case PeerConnected:
                _peers++;
                Timers.Cancel(nameof(EmptyTooLong));
                TellNews();
                break;

            case PeerDisconnected:
                _peers--;
                WatchForEmptiness();
                TellNews();
                break;

            case EmptyTooLong when _peers == 0:
                BeginClosing(DisconnectInfo.Of(DisconnectReason.Closed));
                break;

            case CloseRoom close:
                BeginClosing(DisconnectInfo.Of(DisconnectReason.Closed, close.Text));
                break;

            case RoomStop:
                _isToldToStop = true;
                _world.Host.Tell(new MayMove(_key));
                break;

            case MoveDecided { MayMove: true }:
                BeginMoving();
                break;

            case MoveDecided:
                BeginClosing(DisconnectInfo.Of(DisconnectReason.ShuttingDown));
                break;

            case Terminated terminated when terminated.ActorRef.Equals(_logic):
                _log.Error("The logic of room {0} failed", _key);
                End(DisconnectInfo.Of(DisconnectReason.InternalError, "the room's logic failed"));
                break;

            case Stopped when Sender.Equals(_manager):
                _log.Error("The server of room {0} failed", _key);
                End(DisconnectInfo.Of(DisconnectReason.InternalError));
                break;

            default:
                Always(message);
                break;
        }
    }

    private void WatchForEmptiness()
    {
        if (_peers == 0)
            Timers.StartSingleTimer(nameof(EmptyTooLong), EmptyTooLong.Instance, _world.Settings.Rooms.EmptyAfter);
    }

    /// <summary>The last packets in, the logic's last word, then everything is written down and kept by the host; the region opens the room anew elsewhere.</summary>
    private void Moving(object message)
    {
        switch (message)
        {
            case LastPacketTold:
                _logic.Tell(new SaveRoom(IsMoving: true));
                break;

            case RoomSaved saved:
                _saved = saved.State;
                _manager.Tell(WriteDown.Instance);
                break;

            case HandedOver { Cause.Length: > 0 } failed:
                _log.Error("Room {0} cannot be moved: {1}", _key, failed.Cause);
                End(DisconnectInfo.Of(DisconnectReason.ShuttingDown));
                break;

            case HandedOver handed when handed.State.Length + (long)_saved.Length > _world.Settings.Rooms.MaxState:
                _log.Error("Room {0} cannot be moved: its state of {1} bytes is more than actorpeer.cluster.rooms.max-state", _key, handed.State.Length + (long)_saved.Length);
                End(DisconnectInfo.Of(DisconnectReason.ShuttingDown));
                break;

            case HandedOver handed:
                _world.Host.Tell(new KeepRoom(_key, handed.State, _saved));
                break;

            case RoomKept:
                Context.Stop(Self);
                break;

            case Overdue:
                _log.Error("Room {0} could not be written down in time", _key);
                End(DisconnectInfo.Of(DisconnectReason.ShuttingDown));
                break;

            case Terminated terminated when terminated.ActorRef.Equals(_logic):
                _log.Error("The logic of room {0} failed as it was to be moved", _key);
                End(DisconnectInfo.Of(DisconnectReason.InternalError, "the room's logic failed"));
                break;

            default:
                Always(message);
                break;
        }
    }

    private void BeginMoving()
    {
        Timers.CancelAll();
        Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, _world.Settings.Rooms.MoveTimeout);
        Become(Moving);
        _manager.Tell(new HandOver { AwaitsLastWord = true });
    }

    /// <summary>The logic stores what is to last; then the players are told, and the room is forgotten.</summary>
    private void Closing(object message)
    {
        switch (message)
        {
            case RoomSaved:
                End(_ending);
                break;

            case Overdue:
                _log.Error("Room {0} closes although its logic has not stored it in time", _key);
                End(_ending);
                break;

            case Terminated terminated when terminated.ActorRef.Equals(_logic):
                End(_ending);
                break;

            default:
                Always(message);
                break;
        }
    }

    private void BeginClosing(DisconnectInfo why)
    {
        _ending = why;
        Timers.CancelAll();
        Timers.StartSingleTimer(nameof(Overdue), Overdue.Instance, _world.Settings.Rooms.MoveTimeout);
        Become(Closing);
        _logic.Tell(new SaveRoom(IsMoving: false));
    }

    private void End(DisconnectInfo why)
    {
        _manager.Tell(new Leave(why));
        _world.Host.Tell(new RoomGone(_key));
        Passivate();
    }

    private sealed record EmptyTooLong : INoSerializationVerificationNeeded
    {
        public static EmptyTooLong Instance { get; } = new();
    }
}
