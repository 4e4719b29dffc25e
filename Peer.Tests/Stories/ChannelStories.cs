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
        var sent = new List<Speech>();

        for (var channel = 0; channel < Channels; channel++)
        {
            foreach (var mode in Enum.GetValues<TransferMode>())
                sent.Add(new Speech(speaker, $"{channel} {mode}", listener.Id, channel, mode, listener));
        }

        Speech.Heard(arena, sent);
        Assert.Equal(Channels, listener.Packets.Count(packet => packet.Mode == TransferMode.Reliable));
        Assert.All(listener.Packets, packet => Assert.Equal($"{packet.Channel} {packet.Mode}", packet.Text));
        Assert.Equal(sent.Select(speech => speech.Text).ToHashSet(), listener.Packets.Select(packet => packet.Text).ToHashSet());
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
