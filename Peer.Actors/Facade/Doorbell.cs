using Akka.Actor;
using Akka.Event;

namespace Peer.Actors.Facade;

/// <summary>Tells the manager that the outbox has something; rung once however much is put before it looks.</summary>
internal sealed record Doorbell : INoSerializationVerificationNeeded, IDeadLetterSuppression
{
    private Doorbell()
    {
    }

    /// <summary>The only value.</summary>
    public static Doorbell Instance { get; } = new();
}
