using Peer.Actors.Facade;

namespace Peer.TestKit;

/// <summary>A poll that waits lets virtual time pass instead of blocking the only thread there is.</summary>
internal sealed class SimulationWaiter(Simulation simulation) : IPollWaiter
{
    public bool Wait(Inbox inbox, TimeSpan timeout) => simulation.RunUntil(() => inbox.Count > 0, timeout);
}
