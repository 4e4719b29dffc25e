namespace Peer.Protocol.Recovery;

/// <summary>
/// Finds the largest UDP payload that the path carries, after RFC 8899: probes of padding climb a ladder beside the traffic, which never
/// waits for them; when large datagrams stop arriving, everything falls back to the size that every path carries.
/// </summary>
internal sealed class DatagramSizeDiscovery(RecoverySettings settings)
{
    public const int Base = 1_200;
    private const int Tries = 3;
    private const int BlackHoleLosses = 6;

    private static ReadOnlySpan<int> Ladder => [1_392, 1_452, 1_472, 4_096, 8_192, 16_384, 32_768];

    private int _tries;
    private int _outstanding;
    private long _notBefore = long.MinValue;
    private long _largestArrived = -1;
    private int _largeLosses;

    /// <summary>The payload size to fill datagrams to.</summary>
    public int Current { get; private set; } = Base;

    /// <summary>Times that large datagrams stopped arriving.</summary>
    public long BlackHoles { get; private set; }

    /// <summary>When the next probe is due; <see cref="long.MaxValue"/> when the largest size is reached or a probe is under way.</summary>
    public long NextProbeAt => _outstanding > 0 || Current >= settings.MaxDatagramSize ? long.MaxValue : _notBefore;

    /// <summary>Whether a probe, a PING and padding of exactly this size, should leave now. Report it with <see cref="ProbeSent"/>.</summary>
    public bool ProbeDue(long now, out int size)
    {
        size = Next;
        return NextProbeAt != long.MaxValue && now >= _notBefore;
    }

    /// <summary>A probe has left; no other is due until it has ended.</summary>
    public void ProbeSent(int size) => _outstanding = size;

    /// <summary>A probe arrived: datagrams may have its size, and the next step may be tried at once.</summary>
    public void ProbeAcked(int size, long now)
    {
        if (size != _outstanding)
            return;
        _outstanding = 0;
        _tries = 0;
        _largeLosses = 0;
        _notBefore = now;
        Current = Math.Clamp(size, Current, Math.Max(Base, settings.MaxDatagramSize));
    }

    /// <summary>A probe was lost. It is tried three times; then the search rests.</summary>
    public void ProbeLost(int size, long now)
    {
        if (size != _outstanding)
            return;
        _outstanding = 0;
        if (++_tries < Tries)
        {
            _notBefore = now + settings.SizeProbePause;
            return;
        }

        _tries = 0;
        _notBefore = now + settings.SizeSearchPause;
    }

    /// <summary>A datagram that was no probe arrived.</summary>
    public void DatagramAcked(long number, int size)
    {
        if (size <= Base || number <= _largestArrived)
            return;
        _largestArrived = number;
        _largeLosses = 0;
    }

    /// <summary>
    /// A datagram that was no probe was lost; true when that made <see cref="Current"/> fall back. Ordinary loss does not: a large datagram
    /// that left later and arrived is proof that the path still carries it.
    /// </summary>
    public bool DatagramLost(long number, int size, long now)
    {
        if (size <= Base || number <= _largestArrived || Current == Base || ++_largeLosses < BlackHoleLosses)
            return false;
        BlackHoles++;
        Current = Base;
        _outstanding = 0;
        _tries = 0;
        _largeLosses = 0;
        _notBefore = now + settings.BlackHolePause;
        return true;
    }

    /// <summary>The packets take another path now; what the old one carried means nothing.</summary>
    public void PathChanged(long now)
    {
        Current = Base;
        _outstanding = 0;
        _tries = 0;
        _largeLosses = 0;
        _notBefore = now;
    }

    private int Next
    {
        get
        {
            foreach (var step in Ladder)
            {
                if (step > Current)
                    return Math.Min(step, settings.MaxDatagramSize);
            }

            return settings.MaxDatagramSize;
        }
    }
}
