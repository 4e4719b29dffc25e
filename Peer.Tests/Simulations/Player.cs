using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;

namespace Peer.Tests.Simulations;

/// <summary>A small game program on a host: it polls at sixty hertz and remembers what it was told.</summary>
internal sealed class Player
{
    public static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(16);

    public Player(SimulatedHost host, ActorBackedPeer peer)
    {
        Host = host;
        Any = peer;
        peer.PeerConnected += id => Told.Add($"+{id}");
        peer.PeerDisconnected += id => Told.Add($"-{id} {peer.LastDisconnect?.Reason}");
        peer.ConnectionSucceeded += () => Told.Add("in");
        peer.ConnectionFailed += () => Told.Add($"failed {peer.LastDisconnect?.Reason}");
        peer.ServerDisconnected += () => Told.Add($"out {peer.LastDisconnect?.Reason}");
        host.Every(Frame, () =>
        {
            Read();
            return true;
        });
    }

    public SimulatedHost Host { get; }

    /// <summary>Whatever it speaks.</summary>
    public ActorBackedPeer Any { get; }

    /// <summary>One that speaks the native protocol.</summary>
    public ActorMultiplayerPeer Peer => (ActorMultiplayerPeer)Any;

    public List<string> Told { get; } = [];

    public List<int> Got { get; } = [];

    public bool IsConnected => Any.GetConnectionStatus() == ConnectionStatus.Connected;

    public static Player Serve(SimulatedHost host) => new(host, host.Serve(7777));

    public static Player Join(SimulatedHost host, SimulatedHost server) => new(host, host.Join(server, 7777));

    /// <summary>A client that speaks ENet, for a server that has a port for it.</summary>
    public static Player JoinENet(SimulatedHost host, SimulatedHost server)
    {
        var peer = host.NewENetPeer();
        Assert.Equal(Error.Ok, peer.CreateClient(server.Address.ToString(), 7778));
        return new Player(host, peer);
    }

    public Error Send(int target, int number)
    {
        Any.SetTargetPeer(target);
        return Any.PutPacket(BitConverter.GetBytes(number));
    }

    /// <summary>Sends 0, 1, 2 ... at that pace from now on, for so many messages.</summary>
    public void Count(int target, int messages, TimeSpan pace)
    {
        var next = 0;
        Host.Every(pace, () =>
        {
            if (next < messages && Send(target, next) == Error.Ok)
                next++;
            return next < messages;
        });
    }

    private void Read()
    {
        Any.Poll(TimeSpan.Zero);
        while (Any.TryGetPacket(out var packet))
            Got.Add(BitConverter.ToInt32(packet.Payload.Span));
    }
}
