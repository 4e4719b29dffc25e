using Peer.Actors;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class AddressStories(ITestOutputHelper output)
{
    [Fact]
    public void A_server_on_every_address_is_found_by_ipv4_ipv6_and_name_and_all_meet()
    {
        using var arena = new Arena(output);
        var server = arena.Serve(new ServerOptions());
        var four = arena.Join(server, host: "127.0.0.1");
        var six = arena.Join(server, host: "::1");
        var bracketed = arena.Join(server, host: "[::1]");
        var named = arena.Join(server, host: "localhost");
        arena.Meet(server, four, six, bracketed, named);

        Assert.Equal(Error.Ok, four.Say("hello"));
        arena.Until(() => arena.Players.Where(player => player != four).All(player => player.Packets.Count == 1), "all hear it");
    }

    [Fact]
    public void A_server_on_one_address_of_ipv6_is_found_there()
    {
        using var arena = new Arena(output);
        var server = arena.Serve(new ServerOptions { BindAddress = "::1" });
        var client = arena.Join(server, host: "::1");
        Assert.Equal(Error.Ok, client.Put(SizeStories.Pattern(100_000, 1), 1));
        arena.Until(() => server.Packets.Count == 1, "it is heard");
    }

    [Fact]
    public void A_name_of_two_addresses_whose_first_does_not_answer_leads_to_the_second()
    {
        // "localhost" is 127.0.0.1 and ::1 here; this server listens on ::1 alone.
        using var arena = new Arena(output, "actorpeer.client.connect-timeout = 3s");
        var server = arena.Serve(new ServerOptions { BindAddress = "::1" });
        if (!System.Net.Dns.GetHostAddresses("localhost").Contains(System.Net.IPAddress.IPv6Loopback))
            return;

        // Somebody has gone the way before, with all the time in the world: done for the first time, a handshake may take long.
        arena.Join(server, host: "::1", system: arena.NewSystem(""));
        Assert.True(arena.Join(server, host: "localhost").IsConnected);
    }

    [Fact]
    public void Without_dual_stack_every_address_means_ipv6_alone()
    {
        using var arena = new Arena(output, "actorpeer.transport.dual-stack = off");
        var hasty = arena.NewSystem("actorpeer.transport.dual-stack = off, actorpeer.client.connect-timeout = 500ms");
        var server = arena.Serve(new ServerOptions());
        Assert.True(arena.Join(server, host: "::1").IsConnected);
        Assert.Equal(DisconnectReason.NoAnswer, arena.Fail(server.Peer.LocalPort, system: hasty).Peer.LastDisconnect.Reason);
    }
}
