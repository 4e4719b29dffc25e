using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Transport;

namespace Peer.Actors;

/// <summary>One port of a manager: the transport that has it, and when another one takes it over from one that failed.</summary>
internal sealed class ManagerPort
{
    private readonly RebindPause _pause;
    private readonly DeadlineTimer _due;
    private readonly Clock _clock;

    public ManagerPort(PeerRuntime runtime, IActorContext context)
    {
        _clock = runtime.Clock;
        _pause = new RebindPause(runtime.Settings.Transport, context.System.Scheduler);
        _due = new DeadlineTimer(runtime, context.System.Scheduler, context.Self, new PortDue(this));
    }

    /// <summary>The transport; nobody before the first one is started.</summary>
    public IActorRef Transport { get; private set; } = ActorRefs.Nobody;

    /// <summary>The way out; null before the first transport is up.</summary>
    public IDatagramSender? Sender { get; private set; }

    /// <summary>Where it is bound; null before the first transport is up.</summary>
    public IPEndPoint? Local { get; private set; }

    /// <summary>Whether its transport has failed and no other one has been started yet.</summary>
    public bool IsVacant { get; private set; }

    /// <summary>Whether it was closed for good.</summary>
    public bool IsClosed { get; set; }

    /// <summary>A transport has been started for it.</summary>
    public void Give(IActorRef transport)
    {
        Transport = transport;
        IsVacant = false;
    }

    /// <summary>Its transport is up.</summary>
    public void Opened(TransportUp up)
    {
        (Sender, Local) = (up.Sender, up.Local);
        _pause.Opened();
    }

    /// <summary>Its transport has failed. One that fails again and again, or finds the port taken, must not be started in a tight circle.</summary>
    /// <returns>How long from now <see cref="PortDue"/> comes.</returns>
    public TimeSpan Vacate()
    {
        IsVacant = true;
        _pause.Lost();
        var wait = _pause.Next();
        _due.Arm(_clock.Now + Clock.Micros(wait));
        return wait;
    }

    /// <summary>Call when <see cref="PortDue"/> has arrived.</summary>
    public void Elapsed() => _due.Elapsed();

    /// <summary>Call when the manager stops.</summary>
    public void Cancel() => _due.Cancel();
}

/// <summary>To a manager, from a port of its own: another transport may be started.</summary>
internal sealed record PortDue(ManagerPort Port) : INoSerializationVerificationNeeded, IDeadLetterSuppression;
