namespace Peer.Actors.Facade;

/// <summary>How the caller's thread waits: by blocking, or by running a simulation on until something is there.</summary>
internal interface IPollWaiter
{
    /// <summary>True as soon as the inbox has something; false when the time is over.</summary>
    bool Wait(Inbox inbox, TimeSpan timeout);
}

/// <summary>Blocks the thread.</summary>
internal sealed class BlockingPollWaiter : IPollWaiter
{
    public static BlockingPollWaiter Instance { get; } = new();

    public bool Wait(Inbox inbox, TimeSpan timeout) => inbox.Wait(timeout);
}
