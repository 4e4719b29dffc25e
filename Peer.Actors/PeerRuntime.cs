using System.Net;
using Akka.Actor;
using Peer.Actors.Facade;
using Peer.Actors.Settings;
using Peer.Actors.Threads;
using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>What every actor of a manager shares and none changes: settings, clock, chance, seams.</summary>
internal sealed record PeerRuntime(ActorPeerSettings Settings, Clock Clock, IRandomSource Random, PeerSeams Seams)
{
    /// <summary>The managers that live just now.</summary>
    public LiveManagers Managers { get; } = new();

    /// <summary>The strands that managers may run on; null where all run on dispatchers of Akka's.</summary>
    public StrandPool? Strands { get; init; }

    /// <summary>The manager's strand, and the caller who may do its work; null on a dispatcher of Akka's.</summary>
    public Lead? Lead { get; init; }

    /// <summary>Whether the actors of a manager never run at the same time.</summary>
    public bool IsSingleThreaded => Lead is not null || Seams.IsSingleThreaded;

    /// <summary>Props of an actor that runs where the manager's actors do.</summary>
    public Props Place(Props props)
    {
        var placed = props.WithDispatcher(Settings.Dispatcher);
        return Lead is null ? placed : placed.WithMailbox(StrandMailbox.Id);
    }

    /// <summary>The runtime of a new manager: on the next strand, where there are any.</summary>
    public PeerRuntime ForManager()
    {
        if (Strands is null)
            return this;
        var (strand, dispatcher) = Strands.Next();
        return this with
        {
            Lead = new Lead(strand, Clock, Clock.Micros(Settings.Facade.Spin)),
            Settings = Settings with { Dispatcher = dispatcher },
        };
    }

    /// <summary>Props of the transport: on a socket of its own, through Akka.IO, or the one that a simulation supplies.</summary>
    public Props Transport(IPEndPoint bind, TransportCounters counters, IngressGauge strangers, Wire wire = Wire.Native)
    {
        if (Seams.Transport is { } simulated)
            return simulated(bind, counters, strangers, wire);
        var settings = Settings.Transport with { Wire = wire };
        return Lead is { Strand.Poller.WatchesSockets: true } lead && Settings.Transport is { ReceivePath: ReceivePath.OwnSocket, SendPath: SendPath.CapturedSocket }
            ? Place(SocketTransport.Props(settings, bind, counters, strangers, lead))
            : UdpTransport.Props(settings, bind, counters, strangers);
    }
}

/// <summary>The places where a simulation steps in.</summary>
internal sealed record PeerSeams
{
    public static PeerSeams None { get; } = new();

    /// <summary>Another transport actor that honours the same messages.</summary>
    public Func<IPEndPoint, TransportCounters, IngressGauge, Wire, Props>? Transport { get; init; }

    /// <summary>Whether its dispatchers run all actors of a host in turn.</summary>
    public bool IsSingleThreaded { get; init; }

    /// <summary>How Poll waits; a single-threaded simulation lets virtual time pass instead of blocking.</summary>
    public IPollWaiter? Waiter { get; init; }
}
