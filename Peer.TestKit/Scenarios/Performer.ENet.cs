using Peer.Actors;
using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>How those come in who speak ENet.</summary>
internal sealed partial class Performer
{
    /// <summary>Shorter than ENet's own, so that everybody has come back before a scenario ends.</summary>
    private static readonly TimeSpan ENetPatience = TimeSpan.FromSeconds(8);

    /// <summary>With checksums: links damage datagrams, and ENet has nothing else that would notice.</summary>
    private ServerOptions? ServerOptions => _scenario.Peers.Any(peer => peer.ENet)
        ? new ServerOptions { ENet = new ENetOptions { Checksum = true, Timeout = ENetPatience }, ENetPort = Stage.ENetPort }
        : null;

    private ENetMultiplayerPeer NewENetPeer()
    {
        var peer = Host.NewENetPeer();
        peer.UseChecksum = true;
        return peer;
    }

    private Error Dial(ActorBackedPeer peer) => peer is ENetMultiplayerPeer enet
        ? enet.CreateClient(AddressOf(0), Stage.ENetPort)
        : ((ActorMultiplayerPeer)peer).CreateClient(AddressOf(0), Stage.Port);
}
