using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Facade;
using Peer.Actors.Transport;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.TestKit;

/// <summary>A host from its start to its crash: what runs on it ends with it.</summary>
internal sealed class HostLife(SimulatedHost host)
{
    private readonly List<IActorRef> _actors = [];
    private readonly List<Action> _overdue = [];
    private readonly Simulation _simulation = host.Simulation;

    public SimulatedHost Host => host;

    public bool IsOver { get; private set; }

    /// <summary>Whether its program reads what is there for it.</summary>
    public bool IsAwake => !IsOver && !host.IsFrozen;

    public void End() => IsOver = true;

    public void StopActors()
    {
        foreach (var actor in _actors)
            _simulation.System.Stop(actor);
        _actors.Clear();
    }

    public ActorMultiplayerPeer NewPeer() => new(new HostRuntime(this, _simulation));

    public ENetMultiplayerPeer NewENetPeer() => new(new HostRuntime(this, _simulation));

    public IActorRef Manager(PeerRole role, ReadOnlySpan<IActorRef> subscribers)
    {
        var facade = _simulation.NextFacade();
        return UnheardManager(role, [ActorOf(Props.Create(() => new Eavesdropper(_simulation, host, facade)), null), .. subscribers]);
    }

    /// <summary>A manager of whom the trace has its datagrams alone.</summary>
    public IActorRef UnheardManager(PeerRole role, params IActorRef[] subscribers)
    {
        return host.Starting(() =>
        {
            var manager = StartManager(role, null, null, null);
            foreach (var subscriber in subscribers)
                manager.Tell(new Subscribe(subscriber), ActorRefs.NoSender);
            return manager;
        });
    }

    public IActorRef StartManager(PeerRole role, int? maxPeers, Inbox? inbox, Outbox? outbox)
    {
        var runtime = _simulation.Runtime;
        var settings = runtime.Settings;
        if (host.Settings is { } change)
            settings = change(settings);
        settings = settings with { Dispatcher = host.DispatcherId, Server = settings.Server with { AdmissionDispatcher = host.DispatcherId } };
        if (maxPeers is { } most)
            settings = settings with { Server = settings.Server with { MaxPeers = most } };
        runtime = runtime with { Settings = settings, Random = host.Random, Seams = runtime.Seams with { Transport = Transport } };
        return ActorOf(ManagerActor.Props(role, runtime, inbox, outbox, new TransportCounters()), null);
    }

    public IActorRef ActorOf(Props props, string? name)
    {
        var actor = _simulation.System.ActorOf(props.WithDispatcher(host.DispatcherId), name ?? _simulation.NameOn(host));
        _actors.Add(actor);
        return actor;
    }

    public void After(TimeSpan delay, Action happen) => _simulation.Plan(delay, () => Do(happen));

    public void Every(TimeSpan interval, Func<bool> happen) => _simulation.Repeat(interval, happen, Do);

    /// <summary>The program does what it was to do while it was frozen.</summary>
    public void CatchUp()
    {
        var late = _overdue.ToArray();
        _overdue.Clear();
        foreach (var happen in late)
            Do(happen);
    }

    private void Do(Action happen)
    {
        if (IsOver)
            return;
        if (host.IsFrozen)
            _overdue.Add(happen);
        else
            happen();
    }

    private Props Transport(IPEndPoint bind, TransportCounters counters, IngressGauge strangers, Wire wire) =>
        _simulation.Network.TransportProps(host, bind, counters, strangers, wire);
}
