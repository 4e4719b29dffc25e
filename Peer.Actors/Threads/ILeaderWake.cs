namespace Peer.Actors.Threads;

/// <summary>Ends the wait of a thread that waits for more than its inbox.</summary>
internal interface ILeaderWake
{
    void Interrupt();
}
