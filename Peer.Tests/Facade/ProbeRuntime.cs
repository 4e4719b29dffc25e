using System.Net;
using Akka.Actor;
using Akka.TestKit;
using Peer.Actors;
using Peer.Actors.Facade;
using Peer.Protocol;
using Inbox = Peer.Actors.Facade.Inbox;

namespace Peer.Tests.Facade;

/// <summary>A runtime whose manager is a test probe, and whose time moves only when the facade waits.</summary>
internal sealed class ProbeRuntime : IPeerRuntime
{
    private readonly ManualTime _time = new();

    public ProbeRuntime(TestProbe manager)
    {
        Manager = manager;
        Waiter = new ManualWaiter(_time);
        manager.SetAutoPilot(new DelegateAutoPilot((_, message) =>
        {
            if (message is Leave && AnswersLeave)
                Inbox.Post(Stopped.Instance);
            return AutoPilot.KeepRunning;
        }));
    }

    public TestProbe Manager { get; }

    public ManualWaiter Waiter { get; }

    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(5);

    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(3);

    public int MaxMessageBytes { get; set; } = 100_000;

    public bool RelaySupported { get; set; } = true;

    public IRandomSource Random => SystemRandomSource.Instance;

    TimeProvider IPeerRuntime.Time => _time;

    IPollWaiter IPeerRuntime.Waiter => Waiter;

    public bool AnswersLeave { get; set; } = true;

    public IPeerEvent? FirstEvent { get; set; } = new Listening(new IPEndPoint(IPAddress.Loopback, 4433));

    public string? StartFailure { get; set; }

    public string? SettingsFailure { get; set; }

    public bool IsDisposed { get; private set; }

    public List<(PeerRole Role, int? MaxPeers)> Started { get; } = [];

    public Inbox Inbox { get; private set; } = null!;

    public Outbox Outbox { get; private set; } = null!;

    public TimeSpan Elapsed => _time.GetElapsedTime(0);

    public void Pass(TimeSpan time) => _time.Advance(time);

    public Inbox CreateInbox() => SettingsFailure is null ? new Inbox(_time) : throw new InvalidOperationException(SettingsFailure);

    public StartedManager Start(PeerRole role, int? maxPeers, Inbox inbox, Outbox outbox)
    {
        if (StartFailure is not null)
            throw new InvalidOperationException(StartFailure);
        Started.Add((role, maxPeers));
        (Inbox, Outbox) = (inbox, outbox);
        if (FirstEvent is not null)
            inbox.Post(FirstEvent);
        return new StartedManager(Manager.Ref, null);
    }

    public void Dispose() => IsDisposed = true;
}
