using System.Net;
using Akka;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.DistributedData;
using Peer.Actors;
using Peer.Cluster.Doors;
using Peer.Cluster.Hosts;
using Peer.Cluster.Listing;
using Peer.Cluster.Messages;
using Peer.Cluster.Placement;
using Peer.Cluster.Rooms;
using Peer.Cluster.Settings;

namespace Peer.Cluster;

/// <summary>
/// Rooms on a cluster: each is a server (ID 1) with the game's logic beside it, on one of the nodes; every node has a door that shows clients the way. A node that
/// is shut down hands its rooms to the others, and its players notice nothing.
/// </summary>
/// <example><code>
/// var system = ActorSystem.Create("game", yourConfig.WithFallback(PeerCluster.DefaultConfig));
/// var door = await PeerCluster.Get(system).StartAsync(RoomOptions.Of(key => new Counting()));
/// </code></example>
public sealed class PeerCluster : IExtension
{
    internal const string TypeName = "peer-room";

    private readonly ExtendedActorSystem _system;
    private RoomWorld? _world;

    internal PeerCluster(ExtendedActorSystem system)
    {
        _system = system;
        if (system.Provider is not IClusterActorRefProvider)
            throw new ConfigurationException("akka.actor.provider must be cluster: take PeerCluster.DefaultConfig as a fallback of the system's configuration");
        if (system.Serialization.FindSerializerForType(typeof(FindRoom)) is not ClusterSerializer)
            throw new ConfigurationException("the messages of ActorPeer's cluster have no serializer: take PeerCluster.DefaultConfig as a fallback of the system's configuration");
        system.Settings.InjectTopLevelFallback(Embedded("cluster.conf"));
        Settings = PeerClusterSettings.Parse(system.Settings.Config, Akka.Cluster.Cluster.Get(system).SelfAddress.Host);
    }

    /// <summary>The settings of the system.</summary>
    public PeerClusterSettings Settings { get; }

    /// <summary>What has been started here.</summary>
    internal RoomWorld World => _world ?? throw new InvalidOperationException("This node's rooms have not been started.");

    /// <summary>The extension of a system; parses the configuration the first time.</summary>
    /// <exception cref="ConfigurationException">A key is not legal; the message names it.</exception>
    public static PeerCluster Get(ActorSystem system) => system.WithExtension<PeerCluster, PeerClusterProvider>();

    /// <summary>Configuration for a node: Akka's cluster, remoting on loopback, our serializer and resolver, and all defaults of ActorPeer.</summary>
    public static Config DefaultConfig => Embedded("akka-cluster.conf")
        .WithFallback(Embedded("cluster.conf"))
        .WithFallback(ActorPeer.DefaultConfig)
        .WithFallback(ClusterSharding.DefaultConfig())
        .WithFallback(ClusterSingleton.DefaultConfig())
        .WithFallback(DistributedData.DefaultConfig());

    /// <summary>Makes this node one that has rooms, and opens its door. It takes part as soon as its system has joined a cluster.</summary>
    /// <param name="options">What the rooms are; the same on all nodes.</param>
    /// <returns>The door: address and port that clients may be given.</returns>
    /// <exception cref="ConfigurationException">The nodes could not take in one another's clients.</exception>
    /// <exception cref="IOException">The door's port is taken.</exception>
    public Task<IPEndPoint> StartAsync(RoomOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (_world is not null)
            throw new InvalidOperationException("This node's rooms have been started.");
        var resume = ActorPeer.Get(_system).Settings.Resume;
        if (resume.TicketKeys.Count == 0)
            throw new ConfigurationException("actorpeer.resume.ticket-keys is empty: the nodes of a cluster share a key, 32 bytes in base64, under which all of them know their clients");
        if (resume.Grace == TimeSpan.Zero)
            throw new ConfigurationException("actorpeer.resume.grace is 0s: clients could not go from node to node");
        var world = _world = new RoomWorld(_system, Settings, options);
        world.Region = ClusterSharding.Get(_system).Start(
            TypeName,
            key => RoomEntity.Props(world, key),
            ClusterShardingSettings.Create(_system).WithRole(Settings.Role.Length == 0 ? null : Settings.Role),
            RoomShards.Extractor(Settings.Shards),
            new LoadAllocation(world.View, Akka.Cluster.Cluster.Get(_system).SelfAddress),
            RoomStop.Instance);
        world.Host = _system.ActorOf(RoomHost.Props(world), RoomHost.Name);
        ShutDownInOrder(world);
        return OpenDoorAsync(world);
    }

    /// <summary>The nodes that have rooms, as this one last heard of them.</summary>
    public IReadOnlyList<RoomNode> Nodes
    {
        get
        {
            var self = Akka.Cluster.Cluster.Get(_system).SelfAddress;
            return [.. World.View.Nodes.Select(node => new RoomNode(
                node.Key.ToString(), node.Key.Equals(self), node.Value.Door, node.Value.Rooms, node.Value.Peers, node.Value.MaxRooms, node.Value.IsDraining))];
        }
    }

    /// <summary>Looks for rooms on all nodes.</summary>
    /// <param name="query">Which ones.</param>
    /// <param name="cancellation">Ends the search.</param>
    public Task<RoomListing> FindRoomsAsync(RoomQuery query, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return new RoomDirectory(_system, World).FindAsync(query.Check(), cancellation);
    }

    /// <summary>Opens a room, if it is not open, and says where it is. Without players it closes after <c>actorpeer.cluster.rooms.empty-after</c>, unless it is asked for again.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="cancellation">Ends the search; a room between two nodes is waited for.</param>
    /// <returns>Where its clients reach it; null when it was refused, or the search ended.</returns>
    public async Task<IPEndPoint?> OpenRoomAsync(string key, CancellationToken cancellation)
    {
        RoomKey.Check(key);
        return await new RoomFinder(World).AskAsync(key, cancellation).ConfigureAwait(false) is RoomAt at ? IPEndPoint.Parse(at.Endpoint) : null;
    }

    /// <summary>Who is in the rooms of this node, as those are in the alphabet.</summary>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Ends the search.</param>
    public Task<IReadOnlyList<RoomPeer>> FindPeersAsync(int limit, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        var taken = new TaskCompletionSource<IReadOnlyList<RoomPeer>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _system.ActorOf(PeerCensus.Props(World.Host, limit, taken));
        return taken.Task.WaitAsync(cancellation);
    }

    private async Task<IPEndPoint> OpenDoorAsync(RoomWorld world)
    {
        var opened = new TaskCompletionSource<IPEndPoint>(TaskCreationOptions.RunContinuationsAsynchronously);
        _system.ActorOf(DoorKeeper.Props(world, opened), "peer-door");
        return await opened.Task.ConfigureAwait(false);
    }

    /// <summary>First the door opens on other doors; then, as the region hands its rooms over, everybody waits until the last client has been told.</summary>
    private void ShutDownInOrder(RoomWorld world)
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "actorpeer-door", async () =>
        {
            await world.Host.Ask<BeginDraining>(BeginDraining.Instance, TimeSpan.FromSeconds(2)).ConfigureAwait(false);
            return Done.Instance;
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, "actorpeer-rooms", async () =>
        {
            await world.Host.Ask<Drained>(AwaitDrained.Instance, shutdown.Timeout(CoordinatedShutdown.PhaseClusterShardingShutdownRegion)).ConfigureAwait(false);
            return Done.Instance;
        });
    }

    private static Config Embedded(string name)
    {
        using var stream = typeof(PeerCluster).Assembly.GetManifestResourceStream(name)
            ?? throw new ConfigurationException($"{name} is not embedded in {typeof(PeerCluster).Assembly.GetName().Name}");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
