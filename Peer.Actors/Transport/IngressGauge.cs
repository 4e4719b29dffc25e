namespace Peer.Actors.Transport;

/// <summary>Counts bytes told to an actor and not yet processed, so that a flood cannot grow a mailbox without bound.</summary>
internal sealed class IngressGauge
{
    private long _bytes;

    /// <summary>Bytes under way.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The teller's side: reserves room, or says that these bytes would pass the limit.</summary>
    public bool TryEnter(int bytes, long limit)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= limit) return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>The receiver's side: these bytes are processed.</summary>
    public void Leave(int bytes) => Interlocked.Add(ref _bytes, -bytes);
}
