using Akka.Actor;
using Akka.Event;
using Peer.Actors;

namespace Peer.Cluster.Rooms;

/// <summary>Runs a <see cref="Room"/>'s callbacks, and takes to the store what it saves.</summary>
internal sealed class RoomActor : UntypedActor, IRoomContext
{
    private readonly Room _room;
    private readonly IRoomStore? _store;
    private readonly CancellationTokenSource _stopped = new();
    private IActorRef _entity = ActorRefs.Nobody;
    private IActorRef _manager = ActorRefs.Nobody;
    private IActorRef? _lastAsker;
    private IActorRef? _mover;
    private bool _isStoring;
    private bool _isDue;

    public RoomActor(Room room, IRoomStore? store)
    {
        _room = room;
        _store = store;
    }

    public static Props Props(Room room, IRoomStore? store) => Producer<RoomActor>.Props(() => new RoomActor(room, store));

    IActorRef IRoomContext.Self => Self;

    public ILoggingAdapter Log { get; } = Context.GetLogger();

    void IRoomContext.Tell(IPeerCommand command) => _manager.Tell(command);

    void IRoomContext.SetProperty(string name, RoomValue? value) => _entity.Tell(new SetRoomProperty(name, value));

    void IRoomContext.Close(string text) => _entity.Tell(new CloseRoom(text));

    /// <summary>One at a time: whatever is asked for meanwhile is stored as it is then.</summary>
    void IRoomContext.Checkpoint()
    {
        if (_store is null)
            return;
        if (_isStoring)
        {
            _isDue = true;
            return;
        }

        _isStoring = true;
        _isDue = false;
        StoreAsync(_store, _room.OnSave()).PipeTo(Self, success: () => Stored.Done, failure: failure => new Stored(failure));
    }

    protected override void PostStop()
    {
        _stopped.Cancel();
        _stopped.Dispose();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OpenRoom open:
                Open(open);
                break;

            case Loaded { Failure: { } failure } loaded:
                Log.Warning("The state of room {0} could not be loaded: {1}", _room.Key, failure.Message);
                loaded.Asker.Tell(new RoomRefused("the room's state could not be loaded"));
                break;

            case Loaded loaded:
                Opened(loaded.State, isMoved: false, loaded.Asker);
                break;

            case RoomServer server:
                _manager = server.Manager;
                break;

            case PacketReceived packet:
                _room.OnPacket(packet);
                break;

            case PeerConnected peer:
                _room.OnPeerConnected(peer);
                break;

            case PeerDisconnected peer:
                _room.OnPeerDisconnected(peer);
                break;

            case PeerInterrupted peer:
                _room.OnPeerInterrupted(peer.Peer);
                break;

            case PeerResumed peer:
                _room.OnPeerResumed(peer.Peer);
                break;

            case SendFailed failed:
                _room.OnSendFailed(failed);
                break;

            case SaveRoom { IsMoving: true } when _isStoring:
                // On the other node the room may store something newer, which this must not come after.
                _mover = Sender;
                break;

            case SaveRoom { IsMoving: true }:
                Sender.Tell(new RoomSaved(_room.OnSave()));
                break;

            case SaveRoom:
                SaveForGood(Sender);
                break;

            case Stored stored:
                HasStored(stored);
                break;

            case Listening or CouldNotStart or Stopped:
                break;

            default:
                _room.OnMessage(message);
                break;
        }
    }

    private void Open(OpenRoom open)
    {
        _entity = open.Room;
        _room.Key = open.Key;
        _room.Context = this;
        if (open.IsMoved || _store is null)
        {
            Opened(open.State, open.IsMoved, Sender);
            return;
        }

        var asker = Sender;
        LoadAsync(_store, open.Key)
            .PipeTo(Self, success: state => new Loaded(state, null, asker), failure: failure => new Loaded(default, failure, asker));
    }

    /// <summary>What a store throws before it returns a task is a failure like any other.</summary>
    private async Task<ReadOnlyMemory<byte>> LoadAsync(IRoomStore store, string key) => await store.LoadAsync(key, _stopped.Token).ConfigureAwait(false);

    private async Task StoreAsync(IRoomStore store, ReadOnlyMemory<byte> state) => await store.StoreAsync(_room.Key, state, _stopped.Token).ConfigureAwait(false);

    private void Opened(ReadOnlyMemory<byte> state, bool isMoved, IActorRef asker)
    {
        _room.OnOpened(state, isMoved);
        asker.Tell(RoomReady.Instance);
    }

    /// <summary>The room closes, but not before the store has what is to last.</summary>
    private void SaveForGood(IActorRef asker)
    {
        if (_store is null)
        {
            asker.Tell(new RoomSaved(default));
            return;
        }

        _lastAsker = asker;
        ((IRoomContext)this).Checkpoint();
    }

    private void HasStored(Stored stored)
    {
        _isStoring = false;
        if (stored.Failure is { } failure)
            Log.Warning("The state of room {0} could not be stored: {1}", _room.Key, failure.Message);
        if (_isDue)
            ((IRoomContext)this).Checkpoint();
        else if (_mover is { } mover)
            mover.Tell(new RoomSaved(_room.OnSave()));
        else
            _lastAsker?.Tell(new RoomSaved(default));
    }

    private sealed record Loaded(ReadOnlyMemory<byte> State, Exception? Failure, IActorRef Asker) : INoSerializationVerificationNeeded;

    private sealed record Stored(Exception? Failure) : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static Stored Done { get; } = new((Exception?)null);
    }
}
