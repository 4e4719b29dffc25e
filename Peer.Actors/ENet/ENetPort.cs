using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;

namespace Peer.Actors.ENet;

/// <summary>The ENet side of a manager: its gate, and where it listens when that is not the manager's own port.</summary>
internal sealed class ENetPort
{
    /// <summary>Incomplete and early messages of all connections.</summary>
    private const long PartialBytes = 256L << 20;

    public ENetPort(ENetOptions options, IPEndPoint? bind, ManagerPort? port, PeerRuntime runtime)
    {
        Options = options;
        (Bind, Port) = (bind, port);
        Settings = options.ToSettings(runtime.Settings.MaxMessageBytes);
        var server = runtime.Settings.Server;
        Gate = new ENetGate(Settings, runtime.Random, Math.Min(server.MaxPeers, ENetFormat.NoPeer), server.ENetHalfOpen);
        Partials = new ByteBudget(PartialBytes);
    }

    public ENetOptions Options { get; }

    public ENetSettings Settings { get; }

    public ENetGate Gate { get; }

    public ByteBudget Partials { get; }

    /// <summary>What a port beside the manager's own is to be bound to; null where the manager's own speaks ENet.</summary>
    public IPEndPoint? Bind { get; }

    /// <summary>That port; null where there is none.</summary>
    public ManagerPort? Port { get; }

    public IngressGauge Strangers { get; } = new();

    /// <summary>Slots in use, by connection: one is free only once its connection's actor has stopped.</summary>
    public Dictionary<IActorRef, ushort> Slots { get; } = [];

    /// <summary>Packets in another's name, dropped.</summary>
    public Tally Forged { get; } = new();

    /// <summary>Relayed packets for those whose dialect cannot name a sender, dropped.</summary>
    public Tally NotRelayed { get; } = new();

    /// <summary>Confirmed, and the admission hook is being asked.</summary>
    public Dictionary<PendingConnect, long> Applicants { get; } = [];

    /// <summary>When bandwidth was last shared, and whether those who may send have changed since.</summary>
    public long SharedAt { get; set; }

    public bool HasChanged { get; set; }
}
