using System.Text;
using Peer.Actors;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

/// <summary>The sample of docs/simulation.md, word for word: a test holds the two together.</summary>
public sealed class LobbySimulation
{
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(16);

    [Fact]
    public void Every_guest_is_greeted_though_the_server_stalls()
    {
        using var world = new Simulation(seed: 2026);
        world.Network.Default = new LinkConditions { Latency = TimeSpan.FromMilliseconds(40), Loss = 0.05 };

        var server = world.Host("server");
        var lobby = new Lobby(server.Serve(7777));
        server.Every(Frame, lobby.Tick);

        var guests = new List<Guest>();
        for (var i = 0; i < 4; i++)
        {
            var host = world.Host($"guest{i}");
            var guest = new Guest(host.Join(server, 7777));
            host.Every(Frame, guest.Tick);
            guests.Add(guest);
        }

        world.After(TimeSpan.FromMilliseconds(100), server.Freeze);
        world.After(TimeSpan.FromSeconds(3), server.Thaw);

        Assert.True(world.RunUntil(() => guests.TrueForAll(guest => guest.Greeting is not null), TimeSpan.FromSeconds(30)));
        Assert.Empty(world.Errors);
    }

    public sealed class Lobby
    {
        private readonly ActorMultiplayerPeer _peer;

        public Lobby(ActorMultiplayerPeer peer)
        {
            _peer = peer;
            _peer.PeerConnected += id =>
            {
                _peer.SetTargetPeer(id);
                _peer.PutPacket(Encoding.UTF8.GetBytes($"welcome, {id}"));
            };
        }

        public bool Tick()
        {
            _peer.Poll(TimeSpan.Zero);
            return true;
        }
    }

    public sealed class Guest(ActorMultiplayerPeer peer)
    {
        public string? Greeting { get; private set; }

        public bool Tick()
        {
            peer.Poll(TimeSpan.Zero);
            while (peer.TryGetPacket(out var packet))
                Greeting = Encoding.UTF8.GetString(packet.Payload.Span);
            return true;
        }
    }
}
