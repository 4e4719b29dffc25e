using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class ChannelStories(ITestOutputHelper output)
{
    private const int Channels = 255;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Every_channel_in_every_mode_delivers_with_its_channel_and_mode(bool fromServer)
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        var (speaker, listener) = fromServer ? (server, client) : (client, server);
        var sent = new HashSet<string>();

        for (var channel = 0; channel < Channels; channel++)
        {
            foreach (var mode in Enum.GetValues<TransferMode>())
            {
                Assert.Equal(Error.Ok, speaker.Say($"{channel} {mode}", listener.Id, channel, mode));
                sent.Add($"{channel} {mode}");
            }
        }

        arena.Until(() => listener.Packets.Count >= 3 * Channels, "all 765 arrive");
        Assert.Equal(3 * Channels, listener.Packets.Count);
        Assert.All(listener.Packets, packet => Assert.Equal($"{packet.Channel} {packet.Mode}", packet.Text));
        Assert.Equal(sent, listener.Packets.Select(packet => packet.Text).ToHashSet());
    }

    [Fact]
    public void A_channel_or_mode_out_of_range_throws()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();

        Assert.Throws<ArgumentOutOfRangeException>(() => server.Peer.TransferChannel = 255);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Peer.TransferChannel = -1);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Peer.TransferMode = (TransferMode)3);
    }
}
