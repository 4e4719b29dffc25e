namespace Peer.Protocol.Recovery;

/// <summary>
/// How long an acknowledgement waits for company. A thin stream's next datagram would show a loss as well, and one acknowledgement says
/// as much of three datagrams as of one: so where the stream is quick enough, two or three share one. Both ends reckon it from the datagrams that ask for an acknowledgement,
/// so the sender knows how long silence may mean nothing.
/// </summary>
internal sealed class AckPatience(RecoverySettings settings)
{
    private const long LongestPause = 1_000_000;

    // A few datagrams are a request and its consequences; more of them are a stream.
    private const int LeastOfStream = 8;

    private int _stream;
    private long _askedAt = long.MinValue / 2;
    private long _pace = LongestPause;

    /// <summary>Microseconds.</summary>
    public long Value => _stream >= LeastOfStream && _pace + (_pace / 5) <= settings.ThinAckDelay
        ? Math.Max(settings.MaxAckDelay, Math.Min(_pace * 5 / 2, settings.ThinAckDelay))
        : settings.MaxAckDelay;

    /// <summary>A datagram that asks for an acknowledgement left, or arrived.</summary>
    public void Asked(long now)
    {
        var pause = Math.Clamp(now - _askedAt, 0, LongestPause);
        _askedAt = now;

        // A pause ends a stream; what comes after it is another one.
        _stream = pause == LongestPause ? 1 : Math.Min(_stream + 1, LeastOfStream);
        _pace = _stream <= 2 ? pause : _pace + ((pause - _pace) / 8);
    }
}
