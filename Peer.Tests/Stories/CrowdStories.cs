using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class CrowdStories(ITestOutputHelper output)
{
    [Fact]
    public void Crowds_of_2_32_and_5_come_exchange_packets_both_ways_and_go_on_one_port()
    {
        using var arena = new Arena(output);
        var port = Arena.FreePort();
        foreach (var count in (int[])[2, 32, 5])
        {
            var server = arena.Serve(port: port);
            var clients = arena.JoinMany(server, count);
            Assert.Equal(count, clients.Select(client => client.Id).Distinct().Count());

            foreach (var mode in Enum.GetValues<TransferMode>())
            {
                Player[] all = [server, .. clients];
                Speech.Heard(arena, [.. all.Select(one => new Speech(one, $"{one.Id}", 0, 0, mode, [.. all.Where(other => other != one)]))]);
            }

            foreach (var one in (Player[])[server, .. clients])
            {
                Assert.All(one.Packets, packet => Assert.Equal($"{packet.Peer}", packet.Text));
                Assert.Equal(count, one.Packets.Count(packet => packet.Mode == TransferMode.Reliable));
            }

            var ids = clients.Select(client => client.Id).ToArray();
            foreach (var client in clients)
                client.End();
            arena.Until(() => ids.All(id => server.Signals.Contains($"-{id}")), "the server hears everybody leave");
            Assert.All(server.Reasons, info => Assert.Equal(DisconnectReason.Closed, info.Reason));
            server.End();
        }
    }

    [Fact]
    public void Everybody_is_introduced_to_everybody_before_the_first_packet_however_they_come_and_go()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var witness = arena.Join(server);
        var gone = new List<int>();

        for (var round = 0; round < 20; round++)
        {
            var comers = new[] { arena.Dial(server.Peer.LocalPort), arena.Dial(server.Peer.LocalPort) };
            arena.Until(() => comers.All(comer => comer.IsConnected), "the newcomers connect");
            foreach (var comer in comers)
            {
                // At once, before anybody can have been told of the newcomer.
                for (var channel = 0; channel < 4; channel++)
                {
                    for (var i = 0; i < 10; i++)
                        Assert.Equal(Error.Ok, comer.Say($"{comer.Id} {channel} {i}", 0, channel));
                }

                gone.Add(comer.Id);
                comer.End();
            }
        }

        arena.Until(() => gone.All(id => witness.Signals.Contains($"-{id}") && server.Signals.Contains($"-{id}")), "everybody has gone");
        foreach (var listener in (Player[])[server, witness])
        {
            foreach (var id in gone)
            {
                var log = listener.Log.Where(entry => entry == $"+{id}" || entry == $"-{id}" || entry == $"packet {id}").ToArray();
                Assert.Equal([$"+{id}", .. Enumerable.Repeat($"packet {id}", 40), $"-{id}"], log);
                for (var channel = 0; channel < 4; channel++)
                {
                    Assert.Equal(
                        Enumerable.Range(0, 10).Select(i => $"{id} {channel} {i}"),
                        listener.Packets.Where(packet => packet.Peer == id && packet.Channel == channel).Select(packet => packet.Text));
                }
            }
        }
    }
}
