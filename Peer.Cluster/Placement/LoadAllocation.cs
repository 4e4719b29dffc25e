using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Placement;

/// <summary>
/// Gives each lot of rooms to the node that has least to do, by what the nodes say of themselves: how full they are and how many players they have. Nodes that are
/// full or being emptied come last. Lots are moved only where one node has clearly more of them than another: a move costs its players a round trip.
/// </summary>
internal sealed class LoadAllocation(ClusterView view, Address self) : IShardAllocationStrategy
{
    /// <summary>Lots that may be under way at a time.</summary>
    private const int MostMoves = 4;

    /// <summary>A room costs about what so many players in it do.</summary>
    private const int RoomWeight = 4;

    public Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations) =>
        Task.FromResult(currentShardAllocations
            .OrderBy(region => Of(region.Key) is { } node ? (IsShut(node) ? 1 : 0) : 0)

            // Lots that were given out a moment ago are in no report yet: they count as a room each.
            .ThenBy(region => Math.Max(Load(region.Key), region.Value.Count * RoomWeight))
            .ThenBy(region => region.Value.Count)
            .ThenBy(region => region.Key.Path.ToString(), StringComparer.Ordinal)
            .First().Key);

    public Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        IImmutableSet<string> none = ImmutableHashSet<string>.Empty;
        if (rebalanceInProgress.Count > 0 || currentShardAllocations.Count < 2)
            return Task.FromResult(none);
        var open = currentShardAllocations.Where(region => Of(region.Key) is not { } node || !IsShut(node)).ToArray();
        if (open.Length == 0)
            return Task.FromResult(none);
        var most = currentShardAllocations.MaxBy(region => region.Value.Count);
        var least = open.MinBy(region => region.Value.Count);
        var tooMany = (most.Value.Count - least.Value.Count) / 2;

        // One lot more or less is not worth a move; a fifth of them is.
        return Task.FromResult(tooMany < Math.Max(2, most.Value.Count / 5) ? none : most.Value.Take(Math.Min(tooMany, MostMoves)).ToImmutableHashSet());
    }

    private static bool IsShut(NodeReport node) => node.IsDraining || node.Rooms >= node.MaxRooms;

    private int Load(IActorRef region) => Of(region) is { } node ? (node.Rooms * RoomWeight) + node.Peers : 0;

    private NodeReport? Of(IActorRef region) =>
        view.Nodes.TryGetValue(region.Path.Address.HasLocalScope ? self : region.Path.Address, out var node) ? node : null;
}
