using System.Text;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.ENet;

/// <summary>Whole rooms that speak ENet, in the simulated network: bad weather from a seed, virtual time.</summary>
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
        var (home, one, two) = (simulation.Host("server"), simulation.Host("one"), simulation.Host("two"));
        var server = home.Serve(7777, new ServerOptions { ENet = new ENetOptions(), ENetPort = 7778 });
        var native = one.Join(home, 7777);
        var godot = two.NewENetPeer();
        Assert.Equal(Error.Ok, godot.CreateClient(home.Address.ToString(), 7778));
        MultiplayerPeer[] peers = [server, native, godot];
        var heard = peers.ToDictionary(peer => peer, _ => new List<string>());
        foreach (var peer in peers)
            peer.PeerConnected += id => heard[peer].Add($"+{id}");
        Assert.True(Until(() => heard[native].Count == 2 && heard[godot].Count == 2 && heard[server].Count == 2), "not everybody has met");
        for (var i = 0; i < 200; i++)
        {
            foreach (var peer in peers)
            {
                peer.SetTargetPeer(0);
                peer.TransferMode = TransferMode.Reliable;
                Assert.Equal(Error.Ok, peer.PutPacket(Encoding.UTF8.GetBytes($"{i}")));
            }

            Sweep();
        }

        Assert.True(Until(() => heard.Values.All(list => list.Count == 402)), string.Join(' ', heard.Values.Select(list => list.Count)));
        foreach (var list in heard.Values)
        {
            foreach (var sender in list.Skip(2).GroupBy(text => text.Split(':')[0]))
                Assert.Equal(Enumerable.Range(0, 200), sender.Select(text => int.Parse(text.Split(':')[1])));
        }

        bool Until(Func<bool> isSo) => simulation.RunUntil(() =>
        {
            Sweep();
            return isSo();
        }, TimeSpan.FromMinutes(2));

        void Sweep()
        {
            foreach (var peer in peers)
            {
                peer.Poll(TimeSpan.Zero);
                while (peer.GetAvailablePacketCount() > 0)
                {
                    var from = peer.GetPacketPeer();
                    heard[peer].Add($"{from}:{Encoding.UTF8.GetString(peer.GetPacket())}");
                }
            }
        }
    }
}
