using Akka.Actor;
using Peer.Actors;

namespace Peer.TestKit;

/// <summary>Subscribes to a manager that has no facade, so that what it tells is part of the trace as well.</summary>
internal sealed class Eavesdropper(Simulation simulation, SimulatedHost host, int facade) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is IPeerEvent told)
            simulation.Saw(host, facade, told);
    }
}
