using Peer.Protocol;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Spanning;

/// <summary>Links that are given up over Akka.Remote, while everybody talks.</summary>
public sealed class RemoteBrokenLinkTests : IDisposable
{
    private readonly Arena _arena;
    private readonly RemoteNodes _nodes = new(gateways: 2, "actorpeer.span { window = 1MiB, queue = 1MiB }");

    public RemoteBrokenLinkTests(ITestOutputHelper output) => _arena = new Arena(output);

    [Fact]
    public void Whoever_lost_each_other_meets_again_and_all_are_heard()
    {
        Player[] players = [.. Enumerable.Range(0, 6).Select(i => _arena.Dial(_nodes.Ports[i % 3]))];
        _arena.Until(() => players.All(one => players.All(other => one == other || one.Knows(other.Id))), "all know each other");
        var (one, other) = (players[1], players[2]);
        for (var time = 1; time <= 3; time++)
        {
            // Both ends give up, at about the same time, with much else under way.
            foreach (var player in players)
            {
                for (var i = 0; i < 100; i++)
                    player.Say($"before {i}");
            }

            one.Put(new byte[1_200_000], other.Id);
            other.Put(new byte[1_200_000], one.Id);
            _arena.Until(() => Leaves(one, other) >= time && Leaves(other, one) >= time && AreThere(players), "they lose each other and meet again", 120);
        }

        // Of two messages that are too much the later one may break the new link, too: then what was lost with it is said again.
        var leaves = -1;
        _arena.Until(
            () =>
            {
                if (leaves != Leaves(one, other) && AreThere(players))
                {
                    leaves = Leaves(one, other);
                    foreach (var player in players)
                        Assert.Equal(Error.Ok, player.Say("after"));
                }

                return players.All(player => players.All(from => from == player || player.Heard(from.Id).Contains("after")));
            },
            "all hear each other",
            120);
        Assert.Empty(players[0].Reasons);
        Assert.DoesNotContain(_nodes.Told, told => told is Actors.PeerDisconnected);
    }

    public void Dispose()
    {
        _arena.Dispose();
        _nodes.Dispose();
    }

    private static int Leaves(Player at, Player of) => at.Signals.Count(signal => signal == $"-{of.Id}");

    private static bool AreThere(Player[] players) => players.All(one => players.All(other =>
        one == other || one.Signals.Count(signal => signal == $"+{other.Id}") == 1 + Leaves(one, other)));
}
