using Akka.Actor;
using Akka.Remote;
using Akka.Remote.Transport;

namespace Peer.Tests.Cluster;

/// <summary>
/// A cut between nodes: Akka's own throttle, below its remoting and above its sockets, swallows whatever one side sends the other, old connections and new ones
/// alike. Clients reach both sides as before.
/// </summary>
internal static class Partition
{
    /// <summary>Configuration of nodes that can be cut off.</summary>
    public const string Adapter = "akka.remote.dot-netty.tcp.applied-adapters = [trttl]";

    public static async Task CutAsync(IReadOnlyList<Node> here, IReadOnlyList<Node> there)
    {
        foreach (var (one, other) in here.SelectMany(one => there.Select(other => (one, other))))
        {
            await SwallowAsync(one, other);
            await SwallowAsync(other, one);
        }
    }

    private static async Task SwallowAsync(Node at, Node from)
    {
        var transport = ((IRemoteActorRefProvider)((ExtendedActorSystem)at.System).Provider).Transport;
        Assert.True(await transport.ManagementCommand(new SetThrottle(from.Cluster.SelfAddress, ThrottleTransportAdapter.Direction.Both, Blackhole.Instance)));
    }
}
