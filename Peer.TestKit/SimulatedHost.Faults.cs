using Akka.Dispatch;

namespace Peer.TestKit;

// What befalls a host.
public sealed partial class SimulatedHost
{
    /// <summary>
    /// Stops the host's program as SIGSTOP does: no timer, no arrival and no read of its facades happens. What arrives waits in socket buffers of
    /// 4 MiB each; what is over that is lost. Does nothing on a host that is frozen or down.
    /// </summary>
    public void Freeze() => IsFrozen = IsUp;

    /// <summary>Lets the program go on: everything that waited happens now, in its order.</summary>
    public void Thaw()
    {
        if (!IsFrozen)
            return;
        IsFrozen = false;
        Release();
        _simulation.Network.ReadBuffers(Address);
        _life.CatchUp();
    }

    /// <summary>
    /// The power goes: all peers and actors of the host vanish at once, without a word on the network. Its facades are dead objects from here on: they raise
    /// nothing, and disposing of them is quick.
    /// </summary>
    public void Crash()
    {
        if (!IsUp)
            return;
        _life.End();
        _simulation.Network.CloseAll(Address);
        Thaw();
        _life.StopActors();
    }

    /// <summary>The host is up again, with nothing running on it; its address and ports are as before.</summary>
    public void Restart()
    {
        if (!IsUp)
            _life = new HostLife(this);
    }

    /// <summary>
    /// A NAT before the host forgets: each of its sockets, in the middle of traffic, is seen at a new port from outside. What is sent to the old one vanishes.
    /// The host itself notices nothing.
    /// </summary>
    public void ChangeAddress() => _simulation.Network.Rebind(Address);

    /// <summary>Keeps an actor's turn for later.</summary>
    internal void Hold(IRunnable run) => _held.Enqueue(run);

    /// <summary>Nothing of what the action starts runs before the action is done.</summary>
    internal T Starting<T>(Func<T> start)
    {
        _isStarting = true;
        try
        {
            return start();
        }
        finally
        {
            _isStarting = false;
            Release();
        }
    }

    private void Release()
    {
        while (!IsHolding && _held.TryDequeue(out var run))
            _simulation.Work.Execute(run);
    }
}
