using Akka.Actor;
using Peer.Cluster.Hosts;

namespace Peer.Cluster.Listing;

/// <summary>
/// Asks all nodes for rooms. Nothing is replicated for it: with thousands of rooms whose players come and go, telling every node of every change would cost more
/// than the questions do, and an answer from where the room is, is never old.
/// </summary>
internal sealed class RoomDirectory(ActorSystem system, RoomWorld world)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<RoomListing> FindAsync(RoomQuery query, CancellationToken cancellation)
    {
        var self = Akka.Cluster.Cluster.Get(system).SelfAddress;
        var answers = await Task.WhenAll(world.View.Nodes.Keys.Select(node => AskAsync(
            node.Equals(self) ? world.Host : system.ActorSelection(new RootActorPath(node) / "user" / RoomHost.Name), query, cancellation))).ConfigureAwait(false);

        // Between two nodes a room may be known to both.
        var rooms = answers.SelectMany(answer => answer?.Rooms ?? []).GroupBy(room => room.Key, StringComparer.Ordinal).Select(same => same.First()).ToArray();
        var best = query.Best(rooms).ToArray();
        return new RoomListing(best, best.Length == rooms.Length && answers.All(answer => answer is { IsComplete: true }));
    }

    private static async Task<RoomsFound?> AskAsync(ICanTell host, RoomQuery query, CancellationToken cancellation)
    {
        try
        {
            return await host.Ask<RoomsFound>(new RoomsWanted(query), Patience, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }
}
