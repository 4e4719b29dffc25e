using System.Buffers.Binary;
using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Transport;
using Peer.Lab.Fuzz.World;
using Peer.Protocol.ENet;
using Peer.TestKit;
using Peer.Tests.Wire;
using Player = Peer.Tests.Simulations.Player;

namespace Peer.Tests.Attacks;

/// <summary>Attacks on the port for ENet that need forged addresses, or more time than a test has.</summary>
public sealed class ENetSimulatedAttacks
{
    [Fact]
    [Trait("Attack", "1")]
    [Trait("Port", "ENet")]
    public void A_flood_of_connects_from_a_hundred_thousand_forged_addresses_is_forgotten_and_lets_newcomers_in()
    {
        const int Forged = 100_000;
        using var simulation = new Simulation(1);
        var (serverHost, attackerHost) = (simulation.Host("server"), simulation.Host("attacker"));
        var events = new List<object>();
        var ears = serverHost.ActorOf(Props.Create(() => new Ears(events)));
        var manager = serverHost.Manager(
            new PeerRole.Server(new IPEndPoint(serverHost.Address, 7777)) { ENet = new ENetOptions(), ENetBind = new IPEndPoint(serverHost.Address, 7778) }, ears);
        var native = Player.Join(simulation.Host("native"), serverHost);
        var godot = Player.JoinENet(simulation.Host("godot"), serverHost);
        Assert.True(simulation.RunUntil(() => native.IsConnected && godot.IsConnected, TimeSpan.FromSeconds(5)));

        Assert.True(simulation.Network.TryBind(attackerHost, new IPEndPoint(attackerHost.Address, 9), (_, _) => { }, out var socket, out _));
        var target = Destination.Of(new IPEndPoint(serverHost.Address, 7778));
        using var codec = new ENetCodec(ENetSettings.Default);
        var connect = ENetSeat.None.Datagram(codec, false, ENetForger.Connect(1, 2), 0);
        var sent = 0;
        attackerHost.Every(TimeSpan.FromMilliseconds(1), () =>
        {
            for (var i = 0; i < 100; i++, sent++)
            {
                socket!.Public = new IPEndPoint(new IPAddress([100, (byte)(sent >> 16), (byte)(sent >> 8), (byte)sent]), 1_024 + (sent % 60_000));
                BinaryPrimitives.WriteInt32BigEndian(connect.AsSpan(44), sent + 1);
                BinaryPrimitives.WriteInt32BigEndian(connect.AsSpan(48), 1_000_000 + sent);
                socket.Send(connect, connect.Length, target);
            }

            return sent < Forged;
        });
        simulation.RunFor(TimeSpan.FromMilliseconds(500));
        var newcomers = Enumerable.Range(0, 3).Select(i => Player.JoinENet(simulation.Host($"newcomer-{i}"), serverHost)).ToArray();
        Assert.True(simulation.RunUntil(() => newcomers.All(one => one.IsConnected), TimeSpan.FromSeconds(2)), "newcomers join in the middle of it");
        manager.Tell(GetCounters.Instance, ears);
        simulation.RunFor(TimeSpan.FromMilliseconds(10));
        Assert.InRange(events.OfType<PeerCounters>().Last().HalfOpen, 1, 16_384);
        simulation.RunFor(TimeSpan.FromSeconds(8));

        manager.Tell(GetCounters.Instance, ears);
        simulation.RunFor(TimeSpan.FromMilliseconds(10));
        var counters = events.OfType<PeerCounters>().Last();
        Assert.Equal(Forged, sent);
        Assert.Equal((5, 0), (counters.Peers, counters.HalfOpen));
        Assert.True(counters.BytesOut < counters.BytesIn);
        Assert.DoesNotContain(native.Told, told => told.StartsWith("out", StringComparison.Ordinal));
        Assert.DoesNotContain(godot.Told, told => told.StartsWith("out", StringComparison.Ordinal));
        Assert.Empty(simulation.Errors);
    }

    [Theory]
    [InlineData(24.855, "2^31 milliseconds")]
    [InlineData(49.7102, "2^32 milliseconds")]
    [InlineData(0.00076, "2^16 milliseconds")]
    [InlineData(36_500, "a hundred years")]
    [Trait("Attack", "22")]
    [Trait("Port", "ENet")]
    public void A_server_that_has_run_for_so_long_goes_on(double days, string what)
    {
        using var simulation = new Simulation(3);
        simulation.RunFor(TimeSpan.FromDays(days) - TimeSpan.FromSeconds(4));
        var serverHost = simulation.Host("server");
        var server = new Player(serverHost, serverHost.Serve(7777, new ServerOptions { ENet = new ENetOptions(), ENetPort = 7778 }));
        var client = Player.JoinENet(simulation.Host("client"), serverHost);
        Assert.True(simulation.RunUntil(() => client.IsConnected && server.Told.Count == 1, TimeSpan.FromSeconds(2)), what);
        server.Count(client.Any.GetUniqueId(), 300, TimeSpan.FromMilliseconds(40));
        client.Count(1, 300, TimeSpan.FromMilliseconds(40));
        simulation.RunFor(TimeSpan.FromSeconds(40));
        Assert.Equal(Enumerable.Range(0, 300), server.Got);
        Assert.Equal(Enumerable.Range(0, 300), client.Got);
        Assert.Equal(["+1", "in"], client.Told);
        Assert.Empty(simulation.Errors);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_server_that_closes_before_a_confirmation_arrives_leaves_nobody_to_time_out(bool asksHook)
    {
        using var simulation = new Simulation(5);
        simulation.Network.Default = simulation.Network.Default with { Latency = TimeSpan.FromMilliseconds(30) };
        var serverHost = simulation.Host("server");
        var server = serverHost.Serve(7777, new ServerOptions { ENet = new ENetOptions(), ENetPort = 7778, Admission = asksHook ? new Undecided() : null });
        var client = Player.JoinENet(simulation.Host("client"), serverHost);
        Assert.True(simulation.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(2)), "the client takes itself for connected");
        if (asksHook)
            simulation.RunFor(TimeSpan.FromMilliseconds(50));
        server.Close();
        Assert.True(simulation.RunUntil(() => client.Told.Exists(told => told.StartsWith("out", StringComparison.Ordinal)), TimeSpan.FromSeconds(1)), "it hears of the end");
        Assert.Empty(simulation.Errors);
    }

    private sealed class Undecided : IAdmission
    {
        public async ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            await Task.Delay(Timeout.Infinite, cancellation);
            return AdmissionVerdict.Admit;
        }
    }

    private sealed class Ears : UntypedActor
    {
        private readonly List<object> _events;

        public Ears(List<object> events) => _events = events;

        protected override void OnReceive(object message) => _events.Add(message);
    }
}
