namespace Peer.Tests.Links;

/// <summary>One direction of a path in virtual time.</summary>
internal sealed class Pipe(int seed)
{
    private const long LongestQueue = 250_000;

    private readonly Random _random = new(seed);
    private readonly PriorityQueue<byte[], (long At, long Order)> _underway = new();
    private long _order;
    private double _free = double.MinValue;

    public Weather Weather { get; set; } = Weather.Fine;

    /// <summary>Every datagram that was sent, as it was sent.</summary>
    public List<byte[]> Recorded { get; } = [];

    public long SentBytes { get; private set; }

    public long Corrupted { get; private set; }

    public long NextArrival => _underway.TryPeek(out _, out var first) ? first.At : long.MaxValue;

    public void Send(ReadOnlySpan<byte> datagram, long now)
    {
        Recorded.Add(datagram.ToArray());
        SentBytes += datagram.Length;
        var copies = _random.NextDouble() < Weather.Repeat ? 2 : 1;
        for (var i = 0; i < copies; i++)
        {
            if (_random.NextDouble() < Weather.Loss || datagram.Length > Weather.Mtu)
                continue;
            var leaves = Math.Max(_free, now);
            if (leaves - now > LongestQueue)
                continue;
            _free = leaves + (datagram.Length * 1e6 / Weather.Rate);
            var bytes = datagram.ToArray();
            if (_random.NextDouble() < Weather.Corrupt)
            {
                Corrupted++;
                bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
            }

            Inject(bytes, (long)_free + Weather.Delay + (Weather.Jitter > 0 ? _random.NextInt64(Weather.Jitter + 1) : 0));
        }
    }

    /// <summary>A datagram of somebody else's.</summary>
    public void Inject(byte[] datagram, long at) => _underway.Enqueue(datagram, (at, _order++));

    /// <summary>What arrives by now: several datagrams glued together now and then, as receive offload does.</summary>
    public byte[]? Take(long now)
    {
        byte[]? received = null;
        while (_underway.TryPeek(out var datagram, out var due) && due.At <= now)
        {
            if (received is not null && (received.Length + datagram.Length > 60_000 || _random.Next(3) == 0))
                break;
            _underway.Dequeue();
            received = received is null ? datagram : [.. received, .. datagram];
        }

        return received;
    }
}
