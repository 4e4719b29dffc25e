using System.Text;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Spanning;

/// <summary>The same over real sockets, and over Akka.Remote with our own serializer.</summary>
public sealed class RemoteSpanTests : IDisposable
{
    private readonly Arena _arena;
    private readonly RemoteNodes _nodes = new(gateways: 2);
    private readonly Player[] _players;

    public RemoteSpanTests(ITestOutputHelper output)
    {
        _arena = new Arena(output);
        _players = [.. Enumerable.Range(0, 6).Select(i => _arena.Dial(_nodes.Ports[i % 3]))];
        _arena.Until(() => _players.All(one => _players.All(other => one == other || one.Knows(other.Id))), "all know each other");
    }

    [Fact]
    public void What_is_said_to_all_reaches_all_in_order_and_large_messages_whole()
    {
        var large = new byte[700_000];
        new Random(3).NextBytes(large);
        foreach (var player in _players)
        {
            for (var i = 0; i < 200; i++)
            {
                Assert.Equal(Error.Ok, player.Say($"{i}"));
                Assert.Equal(Error.Ok, player.Say($"moved {i}", channel: 1, mode: TransferMode.UnreliableOrdered));
            }

            Assert.Equal(Error.Ok, player.Put(large, channel: 2));
            Assert.Equal(Error.Ok, player.Say("200"));
        }

        for (var i = 0; i < 100; i++)
            _nodes.Managers[0].Tell(new Send(0, Encoding.UTF8.GetBytes($"room {i}"), 3));
        _arena.Until(() => _players.All(one => Count(one, 0) == 201 * 5 && Count(one, 2) == 5 && Count(one, 3) == 100) && _nodes.Packets.Count(packet => packet.Channel == 0) == 201 * 6, "all is heard", seconds: 240);
        foreach (var one in _players)
        {
            foreach (var other in _players.Where(other => other != one))
                Assert.Equal(Enumerable.Range(0, 201).Select(i => $"{i}"), one.Packets.Where(packet => packet.Peer == other.Id && packet.Channel == 0).Select(packet => packet.Text));
            Assert.All(one.Packets.Where(packet => packet.Channel == 2), packet => Assert.Equal(large, packet.Payload));
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"room {i}"), one.Packets.Where(packet => packet.Channel == 3).Select(packet => packet.Text));
            Assert.Contains(one.Packets, packet => packet.Channel == 1);
        }

        Assert.All(_players, one => Assert.Equal(
            Enumerable.Range(0, 201).Select(i => $"{i}"),
            _nodes.Packets.Where(packet => packet.Peer == one.Id && packet.Channel == 0).Select(packet => Encoding.UTF8.GetString(packet.Payload.Span))));
    }

    [Fact]
    public void More_than_the_window_passes_to_the_home_and_to_other_nodes()
    {
        // The client's credit comes back only when the home's reader has taken what it sent.
        var from = _players[1];
        const int Messages = 120;
        var sent = 0;
        _arena.Until(
            () =>
            {
                while (sent < Messages && from.Put(Numbered(sent), target: sent % 2 == 0 ? 1 : _players[2].Id) == Error.Ok)
                    sent++;
                return _nodes.Packets.Count(packet => packet.Peer == from.Id) == Messages / 2 && _players[2].Packets.Count(packet => packet.Peer == from.Id) == Messages / 2;
            },
            "60 MiB have passed",
            seconds: 240);
        Assert.Equal(Enumerable.Range(0, Messages / 2).Select(i => i * 2), _nodes.Packets.Where(packet => packet.Peer == from.Id).Select(packet => BitConverter.ToInt32(packet.Payload.Span)));
    }

    [Fact]
    public void A_player_who_leaves_and_one_who_is_disconnected_are_missed_by_all()
    {
        var (leaver, kicked) = (_players[1], _players[2]);
        var (left, out_) = (leaver.Id, kicked.Id);
        leaver.Say("good-bye");
        leaver.End();
        _nodes.Managers[0].Tell(new Kick(out_, Text: "enough"));
        var others = _players.Where(player => player != leaver && player != kicked).ToArray();
        _arena.Until(() => others.All(one => !one.Knows(left) && !one.Knows(out_)) && kicked.Signals[^1] == "server gone", "both are gone");
        Assert.All(others, one => Assert.Equal(["good-bye"], one.Heard(left)));
        Assert.Contains(kicked.Reasons, reason => reason.Text == "enough");
    }

    public void Dispose()
    {
        _arena.Dispose();
        _nodes.Dispose();
    }

    private static int Count(Player player, int channel) => player.Packets.Count(packet => packet.Channel == channel);

    private static byte[] Numbered(int number)
    {
        var payload = new byte[512 << 10];
        BitConverter.TryWriteBytes(payload, number);
        return payload;
    }
}
