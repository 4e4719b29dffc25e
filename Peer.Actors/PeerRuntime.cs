using System.Net;
using Akka.Actor;
using Peer.Actors.Facade;
using Peer.Actors.Settings;
using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>What every actor of a manager shares and none changes: settings, clock, chance, seams.</summary>
internal sealed record PeerRuntime(ActorPeerSettings Settings, Clock Clock, IRandomSource Random, PeerSeams Seams)
{
    /// <summary>The managers that live just now.</summary>
    public LiveManagers Managers { get; } = new();

    /// <summary>Props of the transport: Akka.IO's, or the one that a simulation supplies.</summary>
    public Props Transport(IPEndPoint bind, TransportCounters counters, IngressGauge strangers) =>
        Seams.Transport?.Invoke(bind, counters, strangers) ?? UdpTransport.Props(Settings.Transport, bind, counters, strangers);
}

/// <summary>The places where a simulation steps in.</summary>
internal sealed record PeerSeams
{
    public static PeerSeams None { get; } = new();

    /// <summary>Another transport actor that honours the same messages.</summary>
    public Func<IPEndPoint, TransportCounters, IngressGauge, Props>? Transport { get; init; }

    /// <summary>How Poll waits; a single-threaded simulation lets virtual time pass instead of blocking.</summary>
    public IPollWaiter? Waiter { get; init; }
}
