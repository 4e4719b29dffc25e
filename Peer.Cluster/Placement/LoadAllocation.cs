using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Peer.Cluster.Hosts;
using Peer.Cluster.Messages;

namespace Peer.Cluster.Placement;

/// <summary>
/// Gives each lot of rooms to the node that has least to do, by what the nodes say of themselves: how full they are and how many players they have. Nodes that are
/// full or being emptied come last. Lots are moved only where one node has clearly more of them than another: a move costs its players a round trip; and only while all
/// nodes answer: a lot that was to move from a node that has died is nowhere until akka.cluster.sharding.handoff-timeout has passed.
/// </summary>
internal sealed class LoadAllocation(ClusterView view, Address self) : IShardAllocationStrategy
{
    /// <summary>Lots that may be under way at a time.</summary>
    private const int MostMoves = 4;

    /// <summary>A room costs about what so many players in it do.</summary>
    private const int RoomWeight = 4;

    /// <summary>A node that does not answer within this time may have died.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(1);

    public Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        // Lots that were given out a moment ago are in no report yet, and a node that leaves or dies gives out all of its own in that moment: each counts as much as any.
        var lot = Math.Max(RoomWeight, currentShardAllocations.Sum(region => (double)Load(region.Key)) / Math.Max(1, currentShardAllocations.Sum(region => region.Value.Count)));
        return Task.FromResult(currentShardAllocations
            .OrderBy(region => Of(region.Key) is { } node ? (IsShut(node) ? 1 : 0) : 0)
            .ThenBy(region => Math.Max(Load(region.Key), region.Value.Count * lot))
            .ThenBy(region => region.Value.Count)
            .ThenBy(region => region.Key.Path.ToString(), StringComparer.Ordinal)
            .First().Key);
    }

    public async Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        var moves = rebalanceInProgress.Count > 0 ? [] : Moves(currentShardAllocations);
        return moves.Count > 0 && await DoAllAnswerAsync(currentShardAllocations.Keys).ConfigureAwait(false) ? moves : [];
    }

    private ImmutableHashSet<string> Moves(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        var open = currentShardAllocations.Where(region => Of(region.Key) is not { } node || !IsShut(node)).ToArray();
        if (currentShardAllocations.Count < 2 || open.Length == 0)
            return [];
        var most = currentShardAllocations.MaxBy(region => region.Value.Count);
        var least = open.MinBy(region => region.Value.Count);
        var tooMany = (most.Value.Count - least.Value.Count) / 2;

        // One lot more or less is not worth a move; a fifth of them is.
        return tooMany < Math.Max(2, most.Value.Count / 5) ? [] : [.. most.Value.Take(Math.Min(tooMany, MostMoves))];
    }

    /// <summary>Every region is asked, also those that have nothing to give: each must agree to a move.</summary>
    private static async Task<bool> DoAllAnswerAsync(IEnumerable<IActorRef> regions) =>
        (await Task.WhenAll(regions.Select(DoesAnswerAsync)).ConfigureAwait(false)).All(answers => answers);

    private static async Task<bool> DoesAnswerAsync(IActorRef region)
    {
        try
        {
            var answer = await region.Ask<ActorIdentity>(new Identify(null), AnswerTime).ConfigureAwait(false);

            // Where the connection to a node has broken, dead letters answer in its place: nobody is there.
            return answer.Subject is { } subject && subject.Path.Equals(region.Path);
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    }

    private static bool IsShut(NodeReport node) => node.IsDraining || node.Rooms >= node.MaxRooms;

    private int Load(IActorRef region) => Of(region) is { } node ? (node.Rooms * RoomWeight) + node.Peers : 0;

    private NodeReport? Of(IActorRef region) =>
        view.Nodes.TryGetValue(region.Path.Address.HasLocalScope ? self : region.Path.Address, out var node) ? node : null;
}
