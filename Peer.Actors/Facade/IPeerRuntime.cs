using Akka.Actor;
using Peer.Actors.Threads;
using Peer.Protocol;

namespace Peer.Actors.Facade;

/// <summary>What the facade needs of the actor world: a manager to talk to, and the settings that bound its waits.</summary>
internal interface IPeerRuntime : IDisposable
{
    /// <summary>Longest wait for <see cref="Listening"/> or <see cref="CouldNotStart"/>.</summary>
    TimeSpan StartTimeout { get; }

    /// <summary>Longest wait for <see cref="Stopped"/>; a little over what the manager itself allows.</summary>
    TimeSpan CloseTimeout { get; }

    /// <summary>Largest payload.</summary>
    int MaxMessageBytes { get; }

    /// <summary>Whether a server relays between its clients.</summary>
    bool RelaySupported { get; }

    /// <summary>Where <see cref="MultiplayerPeer.GenerateUniqueId"/> draws from. Must not start anything.</summary>
    IRandomSource Random { get; }

    TimeProvider Time { get; }

    IPollWaiter Waiter { get; }

    /// <summary>An inbox with the spin and the limit of the settings.</summary>
    /// <exception cref="InvalidOperationException">The actor system has ended.</exception>
    Inbox CreateInbox();

    /// <summary>
    /// Starts a manager. It drains the outbox on a <see cref="Doorbell"/> and before it obeys <see cref="Leave"/> or <see cref="Kick"/>, and posts every event
    /// to the inbox; <see cref="Stopped"/> comes last, however it ended.
    /// </summary>
    /// <param name="role">What it is to be.</param>
    /// <param name="maxPeers">Most clients of a server; null for the settings' value.</param>
    /// <param name="inbox">Where events and packets go.</param>
    /// <param name="outbox">Where packets come from.</param>
    /// <exception cref="InvalidOperationException">The actor system has ended.</exception>
    StartedManager Start(PeerRole role, int? maxPeers, Inbox inbox, Outbox outbox);
}

/// <summary>A manager, and how the caller's thread may do its work; null where it cannot.</summary>
internal readonly record struct StartedManager(IActorRef Manager, Lead? Lead);
