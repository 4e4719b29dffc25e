using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Facade;
using Peer.Protocol;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.TestKit;

/// <summary>What a facade on a simulated host needs of the actor world: managers that live and die with the host.</summary>
internal sealed class HostRuntime(HostLife life, Simulation simulation) : IPeerRuntime, IPollWaiter
{
    private readonly int _facade = simulation.NextFacade();

    public TimeSpan StartTimeout => Settings.Facade.StartTimeout;

    public TimeSpan CloseTimeout => Settings.FlushTimeout + Settings.CloseTimeout + TimeSpan.FromSeconds(2);

    public int MaxMessageBytes => Settings.MaxMessageBytes;

    public bool RelaySupported => Settings.Server.Relay;

    public IRandomSource Random => life.Host.Random;

    public TimeProvider Time => simulation.Time;

    public IPollWaiter Waiter => this;

    private Actors.Settings.ActorPeerSettings Settings => simulation.Runtime.Settings;

    public Inbox CreateInbox() => new(Time, 0, Settings.Facade.UnreliableInboxBytes, new InboxGate(life, simulation, _facade));

    public StartedManager Start(PeerRole role, int? maxPeers, Inbox inbox, Outbox outbox) =>
        life.IsOver ? throw new InvalidOperationException($"{life.Host.Name} has crashed since this peer was made") : new StartedManager(life.StartManager(role, maxPeers, inbox, outbox), null);

    /// <summary>A poll that waits lets virtual time pass instead of blocking the only thread there is. The dead wait for nothing.</summary>
    public bool Wait(Inbox inbox, TimeSpan timeout) => !life.IsOver && simulation.RunUntil(() => inbox.Count > 0 || life.IsOver, timeout) && !life.IsOver;

    public void Dispose()
    {
        // The system is the simulation's.
    }
}
