using System.Buffers.Binary;
using System.Net;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.TestKit;
using Peer.Tests.Stories;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Strangers who send much, hoping that the server answers more, remembers them, or has no time left for others.</summary>
public sealed class FloodAttacks(ITestOutputHelper output)
{
    [Fact]
    [Trait("Attack", "1")]
    public void A_flood_of_hellos_from_a_hundred_thousand_forged_addresses_leaves_no_trace()
    {
        const int Forged = 100_000;
        using var simulation = new Simulation(1);
        var (serverHost, attackerHost) = (simulation.Host("server"), simulation.Host("attacker"));
        var events = new List<object>();
        var ears = serverHost.ActorOf(Akka.Actor.Props.Create(() => new Ears(events)));
        var manager = serverHost.Manager(new Peer.Actors.PeerRole.Server(new IPEndPoint(serverHost.Address, 7777)), ears);
        var bystander = Simulations.Player.Join(simulation.Host("bystander"), serverHost);
        Assert.True(simulation.RunUntil(() => bystander.IsConnected, TimeSpan.FromSeconds(5)));

        Assert.True(simulation.Network.TryBind(attackerHost, new IPEndPoint(attackerHost.Address, 9), (_, _) => { }, out var socket, out _));
        var target = Peer.Actors.Transport.Destination.Of(new IPEndPoint(serverHost.Address, 7777));
        var hello = Hellos.Bytes(Hellos.Of(1));
        var sent = 0;
        attackerHost.Every(TimeSpan.FromMilliseconds(1), () =>
        {
            for (var i = 0; i < 100; i++, sent++)
            {
                socket!.Public = new IPEndPoint(new IPAddress([100, (byte)(sent >> 16), (byte)(sent >> 8), (byte)sent]), 1_024 + (sent % 60_000));
                BinaryPrimitives.WriteInt32LittleEndian(hello.AsSpan(10), sent);
                socket.Send(hello, hello.Length, target);
            }

            return sent < Forged;
        });
        simulation.RunFor(TimeSpan.FromMilliseconds(500));
        var genuine = Simulations.Player.Join(simulation.Host("genuine"), serverHost);
        Assert.True(simulation.RunUntil(() => genuine.IsConnected, TimeSpan.FromSeconds(2)), "a genuine client joins in the middle of it");
        simulation.RunFor(TimeSpan.FromSeconds(3));

        manager.Tell(Peer.Actors.GetCounters.Instance, ears);
        simulation.RunFor(TimeSpan.FromMilliseconds(10));
        var counters = Assert.Single(events.OfType<Peer.Actors.PeerCounters>());
        Assert.Equal(Forged, sent);
        Assert.InRange(counters.Hellos, Forged, Forged + 20);
        Assert.Equal((2, 0, 2L), (counters.Peers, counters.HalfOpen, counters.Welcomes));
        Assert.InRange(counters.Challenges + counters.HellosOverPrefixRate + counters.ChallengesOverBudget, Forged, Forged + 20);
        Assert.True(counters.BytesOut < counters.BytesIn);
        Assert.Equal(["+1", "in"], bystander.Told.Where(told => told[0] != '+' || told == "+1"));
        Assert.Empty(simulation.Errors);
    }

    [Fact]
    [Trait("Attack", "1")]
    public void A_flood_of_hellos_over_real_sockets_stops_nobody()
    {
        using var fortress = new Fortress(output);
        var strangers = Enumerable.Range(0, 40).Select(i => new Stranger(fortress.Port, new IPAddress([127, (byte)(1 + i), (byte)(i * 3), 9]))).ToArray();
        var bytes = Hellos.Bytes(Hellos.Of(1));
        Player? genuine = null;
        fortress.Withstands(20, step =>
        {
            for (var i = 0; i < 1_000; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(10), (step * 1_000) + i);
                strangers[i % strangers.Length].Send(bytes);
            }

            if (step == 10)
                genuine = fortress.Arena.Dial(fortress.Port);
        });
        fortress.Until(() => genuine!.IsConnected && fortress.Server.Knows(genuine.Id), "the genuine client joins");
        Assert.All(strangers.SelectMany(stranger => stranger.Drain()), answer => Assert.Equal(HandshakeFormat.RetryLength, answer.Length));
        Assert.Equal((3, 0), (fortress.Counters.Peers, fortress.Counters.HalfOpen));
        foreach (var stranger in strangers)
            stranger.Dispose();
    }

    public static TheoryData<string> Inputs =>
    [
        "hello without a cookie", "hello of another version", "hello of another application", "hello with a forged cookie", "hello with an expired cookie",
        "hello with a cookie, welcomed", "the same hello again", "hello with a cookie, refused", "hello without the token that is required",
        "hello cut short", "hello with a byte too many", "sealed for nobody", "sealed for a client, without its keys", "retry", "welcome", "refused", "elsewhere",
        "unknown kind", "one byte", "nothing", "65 507 bytes",
    ];

    [Theory]
    [MemberData(nameof(Inputs))]
    [Trait("Attack", "2")]
    public void No_answer_to_a_stranger_is_longer_than_what_it_answers(string input)
    {
        using var fortress = new Fortress(output, input.EndsWith("required", StringComparison.Ordinal) ? TokenAttacks.Settings(1) : "", bystanders: 0);
        using var stranger = new Stranger(fortress.Port);
        fortress.Server.Peer.RefuseNewConnections = input == "hello with a cookie, refused";
        var hello = Hellos.Of(1);
        var prepared = input is "hello with a cookie, welcomed" or "the same hello again" or "hello with a cookie, refused" or "hello without the token that is required"
            ? Hellos.Bytes(Hellos.WithCookie(hello, stranger.Ask(Hellos.Bytes(hello))))
            : Hellos.Bytes(hello);
        if (input == "the same hello again")
            stranger.Ask(prepared);
        using var forger = input == "sealed for a client, without its keys" ? new Forger(fortress.Port) : null;
        forger?.Receive();

        var datagram = Datagram(input, prepared, forger);
        var before = fortress.Counters;
        for (var i = 0; i < 5; i++)
            stranger.Send(datagram);
        fortress.Until(() => fortress.Counters.DatagramsIn >= before.DatagramsIn + 5, "all have arrived");
        var answers = new List<byte[]>();
        var isAnswered = (input.StartsWith("hello", StringComparison.Ordinal) && input != "hello cut short") || input == "the same hello again";
        fortress.Until(
            () =>
            {
                answers.AddRange(stranger.Drain());
                return answers.Count >= (isAnswered ? 5 : 0);
            },
            "each HELLO is answered");
        Assert.Equal(isAnswered ? 5 : 0, answers.Count);
        var bytes = answers.Sum(answer => answer.Length);
        var asked = 5 * datagram.Length;
        output.WriteLine($"| {input} | {asked} | {bytes} | {(asked == 0 ? 0 : bytes / (double)asked):0.00} |");
        Assert.InRange(bytes, 0, asked);
        Assert.Equal(forger is null ? 0 : 1, fortress.Counters.Peers);
    }

    [Fact]
    [Trait("Attack", "2")]
    [Trait("Attack", "13")]
    public void One_network_cannot_make_the_server_send_more_than_its_share()
    {
        using var fortress = new Fortress(output, "actorpeer.server { limit-loopback = on, hellos-per-prefix = 5, challenges-per-second = 1000 }", bystanders: 1);
        var neighbours = Enumerable.Range(1, 10).Select(i => new Stranger(fortress.Port, new IPAddress([127, 9, 9, (byte)i]))).ToArray();
        var hello = Hellos.Bytes(Hellos.Of(1));
        fortress.Withstands(10, _ =>
        {
            foreach (var neighbour in neighbours)
            {
                for (var i = 0; i < 10; i++)
                    neighbour.Send(hello);
            }
        });
        fortress.Until(() => fortress.Counters.Hellos >= 1_000, "all have arrived");

        // Twenty at once and five a second; whoever shares nothing with them is served as ever.
        Assert.InRange(neighbours.Sum(neighbour => neighbour.Drain().Count), 20, 300);
        Assert.True(fortress.Counters.HellosOverPrefixRate >= 700);
        fortress.Welcomes(new Peer.Actors.ClientOptions { BindAddress = "127.9.10.1" });
        foreach (var neighbour in neighbours)
            neighbour.Dispose();
    }

    [Fact]
    [Trait("Attack", "13")]
    public void One_network_cannot_take_all_places_and_the_others_get_theirs()
    {
        using var fortress = new Fortress(output, "actorpeer.server { limit-loopback = on, max-peers-per-prefix = 3, half-open-per-prefix = 2, confirm-timeout = 60s }", bystanders: 1);
        var greedy = Enumerable.Range(1, 2).Select(i => fortress.Welcomes(new Peer.Actors.ClientOptions { BindAddress = $"127.0.0.{i}" })).ToArray();
        var refused = fortress.Arena.Fail(fortress.Port, new Peer.Actors.ClientOptions { BindAddress = "127.0.0.77" });
        Assert.Equal(DisconnectReason.Full, refused.Peer.LastDisconnect.Reason);
        Assert.Contains("network", refused.Peer.LastDisconnect.Text, StringComparison.Ordinal);
        fortress.Welcomes(new Peer.Actors.ClientOptions { BindAddress = "127.0.1.1" });

        // Attempts that are never confirmed are limited too, and give their place back.
        var half = Enumerable.Range(1, 3).Select(i => new Stranger(fortress.Port, new IPAddress([127, 0, 2, (byte)i]))).ToArray();
        Assert.Equal(
            [HandshakeFormat.WelcomeKind, HandshakeFormat.WelcomeKind, HandshakeFormat.RefusedKind],
            half.Select((stranger, i) => Hellos.AskInFull(stranger, Hellos.Of(10 + i))[0]));
        var id = greedy[0].Id;
        greedy[0].End();
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "one leaves");
        fortress.Welcomes(new Peer.Actors.ClientOptions { BindAddress = "127.0.0.77" });
        fortress.Undisturbed();
        foreach (var stranger in half)
            stranger.Dispose();
    }

    [Fact]
    [Trait("Attack", "13")]
    public void Many_players_behind_one_address_get_in_all_the_same()
    {
        using var fortress = new Fortress(output, "actorpeer.server { limit-loopback = on, handshakes-per-prefix = 5 }", bystanders: 0);
        fortress.Arena.JoinMany(fortress.Server, 40);
        Assert.Equal(40, fortress.Counters.Peers);
    }

    [Fact]
    [Trait("Attack", "13")]
    public void A_server_that_refuses_or_is_full_says_so_in_a_few_bytes_and_keeps_its_peers()
    {
        using var fortress = new Fortress(output, options: new Peer.Actors.ServerOptions { MaxPeers = 2 });
        using var stranger = new Stranger(fortress.Port);
        fortress.Withstands(50, step =>
        {
            fortress.Server.Peer.RefuseNewConnections = step >= 25;
            var answer = Hellos.AskInFull(stranger, Hellos.Of(step));
            Assert.Equal(HandshakeFormat.RefusedKind, answer[0]);
            Assert.InRange(answer.Length, 35, 60);
        });
        Assert.Equal([DisconnectReason.Refusing, DisconnectReason.Full], fortress.Counters.Refusals.Keys);
    }

    [Fact]
    [Trait("Attack", "16")]
    public void A_storm_of_datagrams_that_do_not_open_is_counted_and_fills_no_log()
    {
        using var fortress = new Fortress(output, "actorpeer.transport.ingress-limit = 256KiB");
        using var log = new LogCapture(fortress.Island);
        using var victim = new Forger(fortress.Port);
        using var stranger = new Stranger(fortress.Port);
        var id = victim.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the victim is in");
        victim.Drain();
        var garbage = victim.Last.ToArray();
        fortress.Withstands(20, step =>
        {
            for (var i = 0; i < 500; i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(garbage.AsSpan(9), (uint)((step * 500) + i + 10));
                (i % 2 == 0 ? (Action<ReadOnlySpan<byte>>)stranger.Send : victim.SendRaw)(garbage);
            }

            victim.Send(1);
        });

        // It goes on until enough has come through: what the socket cannot hold the kernel drops, and nobody counts it.
        fortress.Until(
            () =>
            {
                stranger.Send(garbage);
                return fortress.Server.Peer.GetPeerStatistics(id).PacketsRejected + fortress.Counters.DatagramsOverIngressLimit >= 5_000;
            },
            "the storm is counted");
        Assert.True(fortress.Server.Knows(id), "the victim itself is not cut off");
        Assert.Empty(log.Lines);
    }

    [Fact]
    [Trait("Attack", "16")]
    public void A_client_that_sends_more_than_it_may_is_heard_up_to_there()
    {
        using var fortress = new Fortress(output, "actorpeer.server { ingress-datagrams-per-second = 200, ingress-bytes-per-second = 1MiB }");
        using var loud = new Forger(fortress.Port);
        fortress.Until(() => fortress.Server.Knows(loud.Offer.PeerId), "it is in");
        fortress.Until(
            () =>
            {
                for (var i = 0; i < 100; i++)
                    loud.Send(1, 0, 0);
                return fortress.Counters.DatagramsOverIngressRate > 1_000;
            },
            "most of it is dropped unopened");
        fortress.Undisturbed();
    }

    private static byte[] Datagram(string input, byte[] hello, Forger? forger)
    {
        var datagram = hello.ToArray();
        switch (input)
        {
            case "hello of another version":
                datagram[1] = 9;
                break;
            case "hello of another application":
                datagram[2] ^= 1;
                break;
            case "hello with a forged cookie":
                return Hellos.Bytes(Hellos.Of(1) with { Cookie = new SeededRandom(3).Take(24) });
            case "hello with an expired cookie":
                return Hellos.Bytes(Hellos.Of(1) with { Cookie = [1, 2, 3, 4, 0, 0, 0, 0, .. new byte[16]] });
            case "hello cut short":
                return datagram[..1_199];
            case "hello with a byte too many":
                // One more than a HELLO, and offload may not glue it: the server takes the first 1 200 for a HELLO.
                return [.. datagram, 0];
            case "sealed for nobody":
                var sealedOne = new byte[1_200];
                SealedHeader.Write(sealedOne, 42, 1, 1_200 - SealedHeader.Length - SealedHeader.TagLength);
                return sealedOne;
            case "sealed for a client, without its keys":
                return forger!.Last;
            case "retry" or "welcome" or "refused" or "elsewhere" or "unknown kind":
                datagram[0] = input switch { "retry" => 0x51, "welcome" => 0x52, "refused" => 0x53, "elsewhere" => 0x54, _ => 0x7F };
                break;
            case "one byte":
                return [0x50];
            case "nothing":
                return [];
            case "65 507 bytes":
                return new SeededRandom(5).Take(65_507);
        }

        return datagram;
    }

    private sealed class Ears : Akka.Actor.UntypedActor
    {
        private readonly List<object> _events;

        public Ears(List<object> events) => _events = events;

        protected override void OnReceive(object message) => _events.Add(message);
    }
}
