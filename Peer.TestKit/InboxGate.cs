using Peer.Actors.Facade;

namespace Peer.TestKit;

/// <summary>A facade's ears: shut while its host is frozen or gone; what comes through is part of the trace.</summary>
internal sealed class InboxGate(HostLife life, Simulation simulation, int facade) : IInboxGate
{
    public bool IsOpen => life.IsAwake;

    public void Taken(in InboxItem item)
    {
        if (item.Event is { } told)
            simulation.Saw(life.Host, facade, told);
        else
            simulation.Saw(life.Host, facade, item.Sender, item.Run);
    }
}
