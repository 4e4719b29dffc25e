using System.Runtime.InteropServices;

namespace Peer.Node;

/// <summary>SIGINT and SIGTERM as a flag that a polling loop reads, so that leaving happens on the loop's own thread. A second signal ends the process at once.</summary>
internal sealed class TerminationSignals : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action? _raised;
    private int _count;

    /// <param name="raised">Called once, on another thread; null for nothing.</param>
    /// <param name="ignoreInterrupt">Ctrl+C reaches every process of a terminal; a child leaves it to its parent.</param>
    public TerminationSignals(Action? raised = null, bool ignoreInterrupt = false)
    {
        _raised = raised;
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, ignoreInterrupt ? static signal => signal.Cancel = true : Handle),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle),
        ];
    }

    /// <summary>Whether one of them has come.</summary>
    public bool Raised => Volatile.Read(ref _count) > 0;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void Handle(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _count) > 1)
            return;
        signal.Cancel = true;
        _raised?.Invoke();
    }
}
