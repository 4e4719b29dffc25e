namespace Peer.Tests.Links;

/// <summary>What one direction of a path does to datagrams; shares are 0 .. 1, times in microseconds.</summary>
internal sealed record Weather
{
    public static Weather Fine { get; } = new();

    public double Loss { get; init; }

    public double Repeat { get; init; }

    /// <summary>Share of datagrams with one bit flipped.</summary>
    public double Corrupt { get; init; }

    public long Delay { get; init; } = 20_000;

    /// <summary>Extra delay, uniform from 0 to this: it reorders.</summary>
    public long Jitter { get; init; }

    /// <summary>Bytes a second; what comes faster queues up to a quarter of a second and is dropped beyond.</summary>
    public long Rate { get; init; } = long.MaxValue;

    /// <summary>Longer datagrams vanish.</summary>
    public int Mtu { get; init; } = 65_535;
}
