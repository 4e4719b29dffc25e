using System.Buffers.Binary;
using Akka.Actor;
using Peer.Actors;
using Peer.Cluster;
using Peer.Cluster.Listing;
using Peer.Protocol;
using PersistentRoom;

// Three nodes; a player fills the chest of his guild; the node with the room dies; he asks another one. (Of two nodes that lose one another, one would have to go.)
var first = await GameNode.StartAsync();
GameNode[] nodes = [first, await GameNode.StartAsync(first), await GameNode.StartAsync(first)];
var players = ActorSystem.Create("players", ActorPeer.DefaultConfig);

Console.WriteLine($"in the chest: {await PutAsync(nodes[0], 100)}");
Console.WriteLine($"in the chest: {await PutAsync(nodes[1], 20)}");
var room = (await PeerCluster.Get(first.System).FindRoomsAsync(new RoomQuery())).Rooms[0];
var dying = nodes.Single(node => room.Node == $"{Akka.Cluster.Cluster.Get(node.System).SelfAddress}");
await dying.System.Terminate();
Console.WriteLine("the room's node is gone");
Console.WriteLine($"in the chest: {await PutAsync(nodes.First(node => node != dying), 3)}");
await Task.WhenAll(nodes.Select(node => node.System.Terminate()));
await players.Terminate();

// Until the cluster has noticed that the node is gone, whoever asks is told to come again.
async Task<int> PutAsync(GameNode node, int coins)
{
    using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
    while (true)
    {
        using var player = new ActorMultiplayerPeer(players);
        player.CreateClient(node.Door.Address.ToString(), node.Door.Port, new ClientOptions { Room = "guild", BindAddress = "127.0.0.1" });
        player.ConnectionSucceeded += () => player.PutPacket(BitConverter.GetBytes(coins));
        player.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
        while (player.GetConnectionStatus() != ConnectionStatus.Disconnected)
        {
            limit.Token.ThrowIfCancellationRequested();
            player.Poll(TimeSpan.FromMilliseconds(20));
            if (player.TryGetPacket(out var answer))
                return BinaryPrimitives.ReadInt32LittleEndian(answer.Payload.Span);
        }
    }
}
