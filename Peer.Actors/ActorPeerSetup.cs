using Akka.Actor.Setup;
using Peer.Actors.Settings;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>Overrides in code, given to <c>ActorSystem.Create(name, setup)</c>; they win over the configuration.</summary>
public sealed class ActorPeerSetup : Setup
{
    /// <summary>No overrides.</summary>
    public static ActorPeerSetup Empty { get; } = new();

    /// <summary>Changes the parsed settings, for example <c>s => s with { OutgoingQueueBytes = 1 &lt;&lt; 20 }</c>.</summary>
    public Func<ActorPeerSettings, ActorPeerSettings>? Settings { get; init; }

    /// <summary>The clock; the system's by default.</summary>
    public TimeProvider? TimeProvider { get; init; }

    /// <summary>Randomness; the operating system's by default. A seeded one makes keys predictable: for simulations alone.</summary>
    public IRandomSource? Random { get; init; }

    /// <summary>What a simulation puts in the place of sockets and waiting threads.</summary>
    internal PeerSeams Seams { get; init; } = PeerSeams.None;
}
