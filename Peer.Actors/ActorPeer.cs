using Akka.Actor;
using Akka.Configuration;
using Peer.Actors.Settings;
using Peer.Actors.Threads;

namespace Peer.Actors;

/// <summary>The Akka.NET extension: settings of a system, parsed once, and the seams that a simulation replaces.</summary>
/// <example><code>var settings = ActorPeer.Get(system).Settings;</code></example>
public sealed class ActorPeer : IExtension
{
    internal ActorPeer(ExtendedActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(Reference());
        var setup = system.Settings.Setup.Get<ActorPeerSetup>();
        var overrides = setup.HasValue ? setup.Value : ActorPeerSetup.Empty;
        var settings = ActorPeerSettings.Parse(system.Settings.Config);
        settings = overrides.Settings?.Invoke(settings) ?? settings;
        var clock = new Clock(overrides.TimeProvider ?? Clock.System);
        Runtime = new PeerRuntime(settings, clock, overrides.Random ?? SystemRandomSource.Instance, overrides.Seams)
        {
            Strands = settings.Dispatcher == ActorPeerSettings.OnStrands ? new StrandPool(system, settings, clock) : null,
        };
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceUnbind, "actorpeer-leave", Runtime.Managers.LeaveAll);
    }

    /// <summary>The settings of the system.</summary>
    public ActorPeerSettings Settings => Runtime.Settings;

    internal PeerRuntime Runtime { get; }

    /// <summary>The extension of a system; parses the configuration the first time.</summary>
    /// <exception cref="ConfigurationException">A key is not legal; the message names it.</exception>
    public static ActorPeer Get(ActorSystem system) => system.WithExtension<ActorPeer, ActorPeerProvider>();

    /// <summary>
    /// Configuration for a system made for peers: Akka.IO's UDP buffers large enough for datagrams, then the reference configuration.
    /// A system of your own needs the <c>akka.io.udp</c> part of it: <c>config.WithFallback(ActorPeer.DefaultConfig)</c>.
    /// </summary>
    public static Config DefaultConfig => Embedded("akka-io.conf").WithFallback(Reference());

    private static Config Reference() => Embedded("reference.conf");

    private static Config Embedded(string name)
    {
        using var stream = typeof(ActorPeer).Assembly.GetManifestResourceStream(name)
            ?? throw new ConfigurationException($"{name} is not embedded in {typeof(ActorPeer).Assembly.GetName().Name}");
        using var reader = new StreamReader(stream);
        return ConfigurationFactory.ParseString(reader.ReadToEnd());
    }
}
