namespace Peer.TestKit.Network;

/// <summary>What one direction between two hosts does to datagrams. Immutable: a script replaces it during a run.</summary>
public sealed record LinkConditions
{
    /// <summary>A quick, clean local network.</summary>
    public static LinkConditions Lan { get; } = new();

    /// <summary>Time from end to end.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>Up to so much more, drawn for each datagram; datagrams may overtake one another through it.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Share of datagrams that is lost, each by itself, 0 .. 1.</summary>
    public double Loss { get; init; }

    /// <summary>Loss in bursts (Gilbert-Elliott): probability of entering a burst with each datagram.</summary>
    public double BurstBegins { get; init; }

    /// <summary>Probability of leaving a burst with each datagram.</summary>
    public double BurstEnds { get; init; } = 0.3;

    /// <summary>Loss inside a burst.</summary>
    public double BurstLoss { get; init; } = 0.8;

    /// <summary>Share of datagrams that arrive twice.</summary>
    public double Duplication { get; init; }

    /// <summary>Share of datagrams that are held back by <see cref="ReorderDelay"/>.</summary>
    public double Reordering { get; init; }

    /// <summary>How long a reordered datagram is held back.</summary>
    public TimeSpan ReorderDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Share of datagrams in which one bit is flipped.</summary>
    public double Corruption { get; init; }

    /// <summary>Bytes a second; 0 for no limit.</summary>
    public long Bandwidth { get; init; }

    /// <summary>Bytes that wait for a limited bandwidth before the rest is dropped.</summary>
    public int QueueBytes { get; init; } = 256 << 10;

    /// <summary>Datagrams above this many bytes vanish without a word.</summary>
    public int Mtu { get; init; } = 65_507;

    /// <summary>Nothing passes; what is on the way still arrives.</summary>
    public bool IsDown { get; init; }
}
