using Peer.Protocol;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Wire;

/// <summary>A server, a client, and a proxy between them.</summary>
internal sealed class ProxiedWorld : IDisposable
{
    private readonly Arena _arena;
    private Player? _client;
    private int _said;

    public ProxiedWorld(ITestOutputHelper output, string config = "")
    {
        _arena = new Arena(output, config);
        Server = _arena.Serve();
        Proxy = new UdpProxy(Server.Peer.LocalPort);
    }

    public Player Server { get; }

    public UdpProxy Proxy { get; }

    public Player Client => _client!;

    public void Join()
    {
        _client = _arena.Dial(Proxy.Port);
        Until(() => _client.IsConnected && Server.Knows(_client.Id), "the client connects");
    }

    /// <summary>So many reliable messages each way, a few at a time; all arrive, in order.</summary>
    public void Exchange(int messages)
    {
        var (first, serverHad, clientHad) = (_said, Server.Packets.Count, Client.Packets.Count);
        for (var i = 0; i < messages; i++)
        {
            Assert.Equal(Error.Ok, Client.Say($"up {_said}", target: 1));
            Assert.Equal(Error.Ok, Server.Say($"down {_said}", target: Client.Id));
            _said++;
            if (i % 5 == 4)
                Until(() => true, "a turn");
        }

        Until(() => Server.Packets.Count >= serverHad + messages && Client.Packets.Count >= clientHad + messages, $"{messages} messages each way arrive");
        Assert.Equal(Enumerable.Range(first, messages).Select(i => $"up {i}"), Server.Packets.Skip(serverHad).Select(packet => packet.Text));
        Assert.Equal(Enumerable.Range(first, messages).Select(i => $"down {i}"), Client.Packets.Skip(clientHad).Select(packet => packet.Text));
    }

    public void Hear(Speech speech) => Speech.Heard(_arena, speech);

    public void Until(Func<bool> condition, string what, double seconds = 60) => _arena.Until(condition, what, seconds);

    public void Dispose()
    {
        _arena.Dispose();
        Proxy.Dispose();
    }
}
