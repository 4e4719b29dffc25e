using Akka.Actor;
using Peer.Actors.Settings;
using Peer.Actors.Transport;

namespace Peer.Actors;

/// <summary>
/// The actor behind every peer: generates IDs, admits newcomers, routes by target peer, relays, keeps the order of events, and supervises
/// the transport and a connection for each remote peer. Tell it <see cref="IPeerCommand"/>s; it tells its subscribers <see cref="IPeerEvent"/>s.
/// </summary>
/// <example><code>
/// var manager = system.ActorOf(PeerManager.Props(system, new PeerRole.Server(new IPEndPoint(IPAddress.Any, 7777))), "peer-manager");
/// manager.Tell(new Subscribe(Self));
/// </code></example>
public static class PeerManager
{
    /// <summary>Props of a manager that tells its subscribers what happens.</summary>
    /// <param name="system">The system it will live in; its <see cref="ActorPeer"/> extension supplies the settings.</param>
    /// <param name="role">Server, client or mesh peer.</param>
    public static Props Props(ActorSystem system, PeerRole role) => Props(system, role, static settings => settings);

    /// <summary>Props of a manager that tells its subscribers what happens, with settings of its own.</summary>
    /// <param name="system">The system it will live in.</param>
    /// <param name="role">Server, client or mesh peer.</param>
    /// <param name="settings">Changes the settings of the system for this manager, for example <c>s => s with { OutgoingQueueBytes = 1 &lt;&lt; 20 }</c>.</param>
    public static Props Props(ActorSystem system, PeerRole role, Func<ActorPeerSettings, ActorPeerSettings> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var runtime = ActorPeer.Get(system).Runtime;
        return ManagerActor.Props(role, (runtime with { Settings = settings(runtime.Settings) }).ForManager(), null, null, new TransportCounters());
    }
}
