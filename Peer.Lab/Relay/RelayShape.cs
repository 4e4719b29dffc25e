namespace Peer.Lab.Relay;

/// <summary>What one direction of the relay does to datagrams; shares are 0 .. 1, times in microseconds.</summary>
internal sealed record RelayShape
{
    /// <summary>Passes everything on at once.</summary>
    public static RelayShape Clear { get; } = new();

    /// <summary>Share of datagrams that vanish, before they would have taken any of the rate.</summary>
    public double Loss { get; init; }

    /// <summary>Share of datagrams of which a second copy follows.</summary>
    public double Duplicate { get; init; }

    /// <summary>One way.</summary>
    public long Delay { get; init; }

    /// <summary>Extra delay of each datagram, uniform from 0 to this: it reorders.</summary>
    public long Jitter { get; init; }

    /// <summary>UDP payload bits a second of all flows together; 0 for no limit.</summary>
    public long BitsPerSecond { get; init; }

    /// <summary>Payload bytes that may wait for their turn at that rate; what comes beyond is dropped.</summary>
    public long QueueBytes { get; init; } = 1 << 20;

    /// <summary>Longer payloads vanish, as on a path of Ethernet whose senders must not fragment.</summary>
    public int LongestDatagram { get; init; } = 1_472;

    public ulong Seed { get; init; } = 1;
}
