namespace Peer.Node;

/// <summary>SIGINT and SIGTERM for a command that waits, or looks now and then.</summary>
internal sealed class TerminationWait : IDisposable
{
    private readonly TaskCompletionSource _raised = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TerminationSignals _signals;

    public TerminationWait() => _signals = new TerminationSignals(() => _raised.TrySetResult());

    /// <summary>Whether one of them has come.</summary>
    public bool Raised => _signals.Raised;

    /// <summary>Waits for one of them, or for something else that is over.</summary>
    public void Wait(Task other) => Task.WaitAny(_raised.Task, other);

    public void Dispose() => _signals.Dispose();
}
