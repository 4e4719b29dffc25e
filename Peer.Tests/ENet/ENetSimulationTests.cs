using System.Text;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.ENet;

/// <summary>Whole rooms that speak ENet, in the simulated network: weather from a seed, virtual time.</summary>
public sealed class ENetSimulationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void A_room_of_both_kinds_keeps_its_promises_in_bad_weather(ulong seed)
    {
        using var simulation = new Simulation(seed);
        simulation.Network.Default = simulation.Network.Default with { Loss = 0.1, Duplication = 0.05, Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(20) };
        var guests = new Guests(simulation, godots: 1);
        for (var i = 0; i < 200; i++)
        {
            foreach (var peer in guests.Peers)
                Guests.Say(peer, $"{i}", TransferMode.Reliable);
            guests.Sweep();
        }

        Assert.True(guests.Until(() => guests.Heard.Values.All(list => list.Count == 402)), string.Join(' ', guests.Heard.Values.Select(list => list.Count)));
        foreach (var list in guests.Heard.Values)
        {
            foreach (var sender in list.Skip(2).GroupBy(text => text.Split(':')[0]))
                Assert.Equal(Enumerable.Range(0, 200), sender.Select(text => int.Parse(text.Split(':')[1])));
        }
    }

    /// <summary>Over real sockets what is unreliable may be lost. Here nothing is, and round trips do not grow: then the throttle holds nothing back, and neither may anything else.</summary>
    [Theory]
    [InlineData(TransferMode.Unreliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    public void On_a_path_that_loses_nothing_what_is_unreliable_comes_once_too(TransferMode mode)
    {
        using var simulation = new Simulation(9);
        simulation.Network.Default = simulation.Network.Default with { Loss = 0, Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.Zero };
        var guests = new Guests(simulation, godots: 2);
        for (var i = 0; i < 50; i++)
        {
            foreach (var peer in guests.Peers)
                Guests.Say(peer, $"{i}", mode);
            simulation.RunFor(TimeSpan.FromMilliseconds(20));
            guests.Sweep();
        }

        Assert.True(guests.Until(() => guests.Heard.Values.All(list => list.Count >= 3 + 150)), string.Join(' ', guests.Heard.Values.Select(list => list.Count)));
        foreach (var list in guests.Heard.Values)
        {
            foreach (var sender in list.Skip(3).GroupBy(text => text.Split(':')[0]))
                Assert.Equal(Enumerable.Range(0, 50), sender.Select(text => int.Parse(text.Split(':')[1])));
        }
    }

    /// <summary>A server on two ports, a native client, clients that speak ENet, and what each of them has heard.</summary>
    private sealed class Guests
    {
        private readonly Simulation _simulation;

        public Guests(Simulation simulation, int godots)
        {
            _simulation = simulation;
            var home = simulation.Host("server");
            Peers.Add(home.Serve(7777, new ServerOptions { ENet = new ENetOptions(), ENetPort = 7778 }));
            Peers.Add(simulation.Host("native").Join(home, 7777));
            for (var i = 0; i < godots; i++)
            {
                var godot = simulation.Host($"godot-{i}").NewENetPeer();
                Assert.Equal(Error.Ok, godot.CreateClient(home.Address.ToString(), 7778));
                Peers.Add(godot);
            }

            foreach (var peer in Peers)
            {
                var heard = Heard[peer] = [];
                peer.PeerConnected += id => heard.Add($"+{id}");
            }

            Assert.True(Until(() => Heard.Values.All(list => list.Count == Peers.Count - 1)), "not everybody has met");
        }

        public List<MultiplayerPeer> Peers { get; } = [];

        public Dictionary<MultiplayerPeer, List<string>> Heard { get; } = [];

        public static void Say(MultiplayerPeer peer, string text, TransferMode mode)
        {
            peer.SetTargetPeer(0);
            peer.TransferMode = mode;
            Assert.Equal(Error.Ok, peer.PutPacket(Encoding.UTF8.GetBytes(text)));
        }

        public bool Until(Func<bool> isSo) => _simulation.RunUntil(
            () =>
            {
                Sweep();
                return isSo();
            },
            TimeSpan.FromMinutes(2));

        public void Sweep()
        {
            foreach (var peer in Peers)
            {
                peer.Poll(TimeSpan.Zero);
                while (peer.GetAvailablePacketCount() > 0)
                {
                    var from = peer.GetPacketPeer();
                    Heard[peer].Add($"{from}:{Encoding.UTF8.GetString(peer.GetPacket())}");
                }
            }
        }
    }
}
