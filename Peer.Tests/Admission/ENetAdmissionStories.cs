using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.Tests.Attacks;
using Xunit.Abstractions;

namespace Peer.Tests.Admission;

/// <summary>What the operator of a server may decide about newcomers who speak ENet, over real sockets; and what holds that port together.</summary>
public sealed class ENetAdmissionStories(ITestOutputHelper output)
{
    [Fact]
    public void A_hook_decides_who_comes_in_by_address()
    {
        var hook = new Hook(async (request, _) =>
        {
            await Task.Yield();
            return request.From.Address.Equals(IPAddress.Parse("127.0.5.1")) ? AdmissionVerdict.Refuse("not from there", DisconnectReason.Banned) : AdmissionVerdict.Admit;
        });
        using var fortress = new Fortress(output, bystanders: 1, options: new ServerOptions { Admission = hook }, enet: new ENetOptions());
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Banned, "127.0.5.1");
        var guest = fortress.WelcomesENet("127.0.6.1");
        Assert.Equal(Error.Ok, guest.Say("hello", target: 1));
        fortress.Until(() => fortress.Server.Heard(guest.Id).Contains("hello"), "it is heard");

        // A CONNECT that was on its way when the refusal left is asked about once more.
        Assert.InRange(hook.Asked, 4, 9);
        Assert.InRange(fortress.Counters.Refusals[DisconnectReason.Banned], 1, 7);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "14")]
    [Trait("Port", "ENet")]
    public void A_hook_that_throws_refuses_and_hurts_nobody_else()
    {
        var hook = new Hook((request, _) => request.From.Address.Equals(IPAddress.Parse("127.0.5.1")) ? throw new InvalidOperationException("secret of the house") : ValueTask.FromResult(AdmissionVerdict.Admit));
        using var fortress = new Fortress(output, bystanders: 1, options: new ServerOptions { Admission = hook }, enet: new ENetOptions());
        fortress.Withstands(3, _ => fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Refusing, "127.0.5.1"));
        Assert.InRange(fortress.Counters.AdmissionsFailed, 3, 9);
        fortress.WelcomesENet();
    }

    [Fact]
    public void A_hook_that_hangs_refuses_in_time_and_the_slot_is_free_again()
    {
        var hook = new Hook(async (request, cancel) =>
        {
            if (request.From.Address.Equals(IPAddress.Parse("127.0.5.1")))
                await Task.Delay(Timeout.Infinite, cancel);
            return AdmissionVerdict.Admit;
        });
        using var fortress = new Fortress(
            output, "actorpeer.server.admission-timeout = 2s", bystanders: 0, options: new ServerOptions { Admission = hook, MaxPeers = 2 }, enet: new ENetOptions());
        for (var i = 0; i < 3; i++)
            fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Refusing, "127.0.5.1");
        Assert.InRange(fortress.Counters.AdmissionsOverdue, 3, 9);
        fortress.WelcomesENet();
        fortress.Undisturbed();
    }

    [Fact]
    public void A_ban_puts_out_who_is_in_and_keeps_out_who_comes_until_it_is_lifted()
    {
        using var fortress = new Fortress(output, "actorpeer.server.banned = [\"127.0.7.0/24\"]", bystanders: 1, enet: new ENetOptions());
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Banned, "127.0.7.7");
        var guest = fortress.WelcomesENet("127.0.5.1");
        fortress.Command(new Ban(IPNetwork.Parse("127.0.5.0/24")));
        fortress.Until(() => guest.Signals.Contains("server gone"), "the guest is put out");
        Assert.Equal(DisconnectReason.Banned, guest.Reasons[^1].Reason);
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Banned, "127.0.5.9");
        fortress.WelcomesENet("127.0.6.1");
        fortress.Command(new Unban(IPNetwork.Parse("127.0.5.0/24")));
        var back = fortress.WelcomesENet("127.0.5.1");

        fortress.Command(new BanPeer(back.Id, TimeSpan.FromMinutes(1)));
        fortress.Until(() => back.Signals.Contains("server gone"), "it is put out by its ID");
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Banned, "127.0.5.1");
        fortress.WelcomesENet("127.0.5.2");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "13")]
    [Trait("Port", "ENet")]
    public void Both_ports_share_the_places_of_a_server()
    {
        using var fortress = new Fortress(output, bystanders: 1, options: new ServerOptions { MaxPeers = 3 }, enet: new ENetOptions());
        var third = fortress.WelcomesENet();
        var id = third.Id;
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Full);
        Assert.Equal(DisconnectReason.Full, fortress.Arena.Fail(fortress.Port).Peer.LastDisconnect.Reason);
        third.End();
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "one leaves");
        fortress.Welcomes();
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Full);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "13")]
    [Trait("Port", "ENet")]
    public void One_network_cannot_take_all_places_and_the_others_get_theirs()
    {
        using var fortress = new Fortress(output, "actorpeer.server { limit-loopback = on, max-peers-per-prefix = 4 }", bystanders: 1, enet: new ENetOptions());
        var guests = new[] { fortress.WelcomesENet("127.0.0.3"), fortress.WelcomesENet("127.0.0.4") };
        fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Full, "127.0.0.77");
        fortress.WelcomesENet("127.0.1.1");
        var id = guests[0].Id;
        guests[0].End();
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "one leaves");
        fortress.WelcomesENet("127.0.0.77");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "13")]
    [Trait("Port", "ENet")]
    public void Newcomers_over_the_rate_of_their_network_get_in_a_moment_later()
    {
        using var fortress = new Fortress(output, "actorpeer.server { limit-loopback = on, handshakes-per-prefix = 2, confirm-timeout = 60s }", bystanders: 0, enet: new ENetOptions());
        var many = Enumerable.Range(0, 12).Select(_ => fortress.Arena.DialENet(fortress.ENetPort)).ToArray();
        fortress.Until(() => many.All(one => one.IsConnected && fortress.Server.Knows(one.Id)), "all get in");
        Assert.True(fortress.Counters.HandshakesOverPrefixRate > 0);
        Assert.Equal(13, fortress.Counters.Peers);
    }

    [Fact]
    [Trait("Attack", "13")]
    [Trait("Port", "ENet")]
    public void A_server_that_refuses_says_so_and_keeps_its_peers()
    {
        using var fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        fortress.Server.Peer.RefuseNewConnections = true;
        fortress.Withstands(5, _ => fortress.Arena.FailENet(fortress.ENetPort, DisconnectReason.Refusing));
        fortress.Server.Peer.RefuseNewConnections = false;
        fortress.WelcomesENet();
    }

    [Theory]
    [InlineData("akka-io")]
    [InlineData("own-socket")]
    public void Transports_that_are_killed_are_rebuilt_and_nothing_is_lost(string receivePath)
    {
        // Ports that nobody else is given while they are free for a moment.
        using var fortress = new Fortress(
            output, $"akka.loglevel = OFF, actorpeer.transport.receive-path = {receivePath}", bystanders: 1, options: new ServerOptions { ENetPort = FreePorts.Next() }, port: FreePorts.Next(), enet: new ENetOptions());
        var (port, enetPort) = (fortress.Port, fortress.ENetPort);
        for (var round = 0; round < 3; round++)
        {
            fortress.Island.ActorSelection("/user/*/$*").Tell(Kill.Instance);
            fortress.Talk(20);
        }

        Assert.Equal((port, enetPort), (fortress.Port, fortress.ENetPort));
        fortress.WelcomesENet();
        fortress.Welcomes();
        fortress.Undisturbed();
    }

    private sealed class Hook(Func<AdmissionRequest, CancellationToken, ValueTask<AdmissionVerdict>> decide) : IAdmission
    {
        private int _asked;

        public int Asked => Volatile.Read(ref _asked);

        public ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation)
        {
            Interlocked.Increment(ref _asked);
            return decide(request, cancellation);
        }
    }
}
