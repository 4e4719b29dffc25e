using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Cluster.Hosts;

namespace Peer.Cluster.Doors;

/// <summary>Parent of the door's server.</summary>
internal sealed class DoorKeeper : UntypedActor
{
    private readonly RoomWorld _world;
    private readonly TaskCompletionSource<IPEndPoint> _opened;

    public DoorKeeper(RoomWorld world, TaskCompletionSource<IPEndPoint> opened)
    {
        _world = world;
        _opened = opened;
    }

    public static Props Props(RoomWorld world, TaskCompletionSource<IPEndPoint> opened) => Producer<DoorKeeper>.Props(() => new DoorKeeper(world, opened));

    /// <summary>A door that cannot be made is told of, not made again and again.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        _opened.TrySetException(reason);
        base.PreRestart(reason, message);
    }

    protected override void PreStart()
    {
        var settings = _world.Settings;
        var role = new PeerRole.Server(new IPEndPoint(settings.Bind, settings.Door.Port))
        {
            Admission = new Door(_world, Akka.Cluster.Cluster.Get(Context.System).SelfAddress),
            LeavesWithSystem = false,
        };
        var door = Context.ActorOf(PeerManager.Props(Context.System, role, all => settings.Door.Of(_world.Options.Settings(all))));
        door.Tell(new Subscribe(Self));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Listening listening:
                var endpoint = new IPEndPoint(_world.Settings.Advertise, listening.Local.Port);
                _world.Host.Tell(new DoorOpened(endpoint.ToString()));
                _opened.TrySetResult(endpoint);
                break;

            case CouldNotStart failed:
                _opened.TrySetException(new IOException($"the door cannot open: {failed.Cause}"));
                break;

            default:
                break;
        }
    }
}
