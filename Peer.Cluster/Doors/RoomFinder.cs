using Akka.Actor;
using Peer.Actors;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;
using Peer.Protocol;

namespace Peer.Cluster.Doors;

/// <summary>
/// Shows the way to a room: asks the shard region, or the node's host where a room spans nodes, again and again until whoever asks has no more time, since a room between two nodes does not
/// answer.
/// </summary>
internal sealed class RoomFinder(RoomWorld world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    public async ValueTask<AdmissionVerdict> FindAsync(string room, CancellationToken cancellation)
    {
        var key = room.Length > 0 ? room : world.Settings.Door.DefaultRoom;
        if (key.Length == 0)
            return AdmissionVerdict.Refuse("this server has rooms: name one");
        if (!RoomKey.IsValid(key))
            return AdmissionVerdict.Refuse($"a room's key consists of {RoomKey.Rule}");
        if (!world.Options.MayOpen(key))
            return AdmissionVerdict.Refuse("there is no such room");
        return await (world.Options.Spans(key) ? AskAsync(world.Host, new ShowRoom(key), cancellation) : AskAsync(key, cancellation)).ConfigureAwait(false) switch
        {
            RoomAt at => AdmissionVerdict.PointTo(at.Endpoint),
            RoomDenied denied => AdmissionVerdict.Refuse(denied.Text, denied.Reason == DisconnectReason.None ? DisconnectReason.Refusing : denied.Reason),
            _ => AdmissionVerdict.Refuse("the room does not answer"),
        };
    }

    /// <summary>Where the room's server is, which may be on any node.</summary>
    public Task<object?> AskAsync(string key, CancellationToken cancellation) => AskAsync(world.Region, new FindRoom(key), cancellation);

    private static async Task<object?> AskAsync(IActorRef whom, object question, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                return await whom.Ask<object>(question, Patience, cancellation).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                // Between two nodes, or opening: the next question may find it.
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        return null;
    }
}
