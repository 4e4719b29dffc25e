using Peer.Actors;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Doors;

/// <summary>
/// The admission of a node's door: nobody gets in, everybody is shown the way. The door itself is a server like any other, so that strangers meet the same
/// cookies, tokens, bans and limits there.
/// </summary>
internal sealed class Door(RoomWorld world, Akka.Actor.Address self) : IAdmission
{
    private readonly RoomFinder _finder = new(world);
    private int _next;

    public ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation) =>
        Elsewhere() is { } other ? ValueTask.FromResult(other) : _finder.FindAsync(request.Room, cancellation);

    /// <summary>The door of a node that is being emptied opens on other doors.</summary>
    private AdmissionVerdict? Elsewhere()
    {
        var nodes = world.View.Nodes;
        if (!nodes.TryGetValue(self, out var own) || !own.IsDraining)
            return null;
        var doors = nodes.Where(node => !node.Key.Equals(self) && !node.Value.IsDraining && node.Value.Door.Length > 0).Select(node => node.Value.Door).ToArray();
        return doors.Length == 0
            ? AdmissionVerdict.Refuse("this server is shutting down", Protocol.DisconnectReason.ShuttingDown)
            : AdmissionVerdict.PointTo(doors[(Interlocked.Increment(ref _next) & int.MaxValue) % doors.Length]);
    }
}

/// <summary>The admission of a room's own server: whoever wants another room is shown the way, all others are the game's to judge.</summary>
internal sealed class RoomAdmission(string key, IAdmission? game, RoomFinder finder) : IAdmission
{
    public ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation)
    {
        // The port may have been another room's a moment ago.
        if (request.IsReturn || (request.Room.Length > 0 && request.Room != key))
            return finder.FindAsync(request.Room, cancellation);
        return game?.DecideAsync(request, cancellation) ?? ValueTask.FromResult(AdmissionVerdict.Admit);
    }
}
