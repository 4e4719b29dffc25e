using Akka.Actor;

namespace Peer.Actors;

/// <summary>Creates the <see cref="ActorPeer"/> extension; its name may stand under <c>akka.extensions</c>.</summary>
public sealed class ActorPeerProvider : ExtensionIdProvider<ActorPeer>
{
    /// <inheritdoc />
    public override ActorPeer CreateExtension(ExtendedActorSystem system) => new(system);
}
