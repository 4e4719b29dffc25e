using Akka.Actor;

namespace Peer.Actors;

/// <summary>Makes an actor by a plain call. Props from an expression compile their arguments each time, which costs more than all else that a connection needs.</summary>
internal sealed class Producer<TActor>(Func<TActor> make) : IIndirectActorProducer
    where TActor : ActorBase
{
    /// <inheritdoc />
    public Type ActorType => typeof(TActor);

    /// <summary>Props of actors that this delegate makes; local, since a delegate goes nowhere.</summary>
    public static Props Props(Func<TActor> make) => Akka.Actor.Props.CreateBy(new Producer<TActor>(make)).WithDeploy(Deploy.Local);

    /// <inheritdoc />
    public ActorBase Produce() => make();

    /// <inheritdoc />
    public void Release(ActorBase actor)
    {
        // Nothing is held for it.
    }
}
