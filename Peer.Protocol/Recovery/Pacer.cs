namespace Peer.Protocol.Recovery;

/// <summary>
/// Spreads sending over time with a token bucket. The bucket is shallow, 2 ms, for a sender that idles by choice; one that the pacer
/// itself has made wait may catch up 15 ms, because the timer that wakes it is coarse.
/// </summary>
internal sealed class Pacer
{
    private const long BurstTime = 2_000;
    private const long CatchUpTime = 15_000;
    private const int BurstDatagrams = 10;

    private double _tokens;
    private long _earnedAt;
    private bool _waited;

    // Until the first datagram has left, the first burst is not forgotten, however long that takes.
    private double _first;

    /// <param name="rate">Bytes a second.</param>
    /// <param name="datagram">Size of a full datagram.</param>
    /// <param name="now">Time.</param>
    /// <param name="firstBurst">Datagrams that may leave at once at the very start, before there is a rate to keep.</param>
    public Pacer(long rate, int datagram, long now, int firstBurst = 0)
    {
        Rate = rate;
        Datagram = datagram;
        _earnedAt = now;
        _first = (double)firstBurst * datagram;
        _tokens = Math.Max(Burst, _first);
    }

    /// <summary>Bytes a second.</summary>
    public long Rate { get; private set; }

    /// <summary>The size of a full datagram, which the smallest burst is counted in.</summary>
    public int Datagram { get; set; }

    private double Burst => Math.Max((double)BurstDatagrams * Datagram, Rate * 1e-6 * BurstTime);

    private double Depth => _waited ? Math.Max(Burst, Rate * 1e-6 * CatchUpTime) : Burst;

    /// <summary>Changes the rate; what was earned until now was earned at the old one.</summary>
    public void SetRate(long rate, long now)
    {
        Earn(now);
        Rate = rate;
    }

    /// <summary>Bytes that may leave now.</summary>
    public long Available(long now)
    {
        Earn(now);
        return Math.Max(0, (long)_tokens);
    }

    /// <summary>Microseconds until so many bytes may leave; 0 when they may now.</summary>
    public long TimeUntil(int bytes, long now)
    {
        Earn(now);
        var wanted = Math.Min(bytes, Burst);
        if (_tokens >= wanted)
            return 0;
        _waited = true;
        return Math.Max(1, (long)Math.Ceiling((wanted - _tokens) * 1e6 / Rate));
    }

    /// <summary>Bytes have left. What leaves without asking, such as a probe, is owed, but never more than one burst.</summary>
    public void Spend(int bytes, long now)
    {
        Earn(now);
        _waited = false;
        _first = Math.Max(0, _first - bytes);
        _tokens = Math.Max(-Burst, _tokens - bytes);
    }

    private void Earn(long now)
    {
        var elapsed = now - _earnedAt;
        _earnedAt = now;
        if (elapsed <= 0)
            return;
        // What is left of a catch-up may still be spent, but not after a pause.
        var limit = _waited || elapsed <= CatchUpTime ? Math.Max(Depth, _tokens) : Burst;
        limit = Math.Max(limit, _first);
        _tokens = Math.Min(limit, _tokens + (Rate * 1e-6 * elapsed));
    }
}
