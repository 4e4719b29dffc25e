using System.Net;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Errors that strangers can make the server's own socket report.</summary>
public sealed class SocketAttacks(ITestOutputHelper output)
{
    [Fact]
    [Trait("Attack", "17")]
    public void Unreachable_answers_do_not_end_the_socket()
    {
        using var fortress = new Fortress(output);
        fortress.Withstands(50, step =>
        {
            // Gone before the answer comes: the kernel answers it with ICMP port unreachable.
            for (var i = 0; i < 4; i++)
            {
                using var hasty = new Stranger(fortress.Port, new IPAddress([127, 1, (byte)step, (byte)(i + 1)]));
                hasty.Send(Hellos.Bytes(Hellos.Of(step)));
            }
        });
        fortress.Until(() => fortress.Counters.Challenges >= 200, "all of them are answered");
        fortress.Welcomes();
    }

    [Fact]
    [Trait("Attack", "17")]
    public void A_client_that_vanishes_without_a_word_is_timed_out_and_its_closed_port_hurts_nobody()
    {
        using var fortress = new Fortress(output, "actorpeer.connection { idle-timeout = 3s, keep-alive = 200ms }");
        var ids = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var forger = new Forger(fortress.Port);
            ids.Add(forger.Offer.PeerId);
            fortress.Until(() => fortress.Server.Knows(ids[^1]), "it is in");
        }

        fortress.Until(() => ids.All(id => fortress.Server.Signals.Contains($"-{id}")), "they time out");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "17")]
    public void A_forged_icmp_error_does_not_fail_a_client_that_dials()
    {
        using var fortress = new Fortress(output, bystanders: 0);
        var port = Stories.Arena.FreePort();

        // Nobody is there yet: the kernel reports each HELLO as refused.
        var client = fortress.Arena.Dial(port);
        fortress.Until(() => client.Peer.LocalPort != 0, "it dials");
        var server = fortress.Arena.Serve(port: port);
        fortress.Until(() => client.IsConnected && server.Knows(client.Id), "it gets through");
    }
}
