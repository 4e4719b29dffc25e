namespace Peer.Actors.Telemetry;

/// <summary>Figures of all peers of a process together, a snapshot. Rates are the differences of two.</summary>
public sealed record PeerTotals
{
    /// <summary>Servers that run now.</summary>
    public int Servers { get; init; }

    /// <summary>Clients and mesh peers that run now.</summary>
    public int Others { get; init; }

    /// <summary>Connections that are open now.</summary>
    public long Connections { get; init; }

    /// <summary>Of these, interrupted.</summary>
    public long Away { get; init; }

    /// <summary>Connections opened.</summary>
    public long Opened { get; init; }

    /// <summary>Refusals sent.</summary>
    public long Refused { get; init; }

    /// <summary>Connections that fell silent and were kept for the grace time.</summary>
    public long Interruptions { get; init; }

    /// <summary>Connections that went on under new keys.</summary>
    public long Resumptions { get; init; }

    /// <summary>Messages received.</summary>
    public long MessagesIn { get; init; }

    /// <summary>Messages handed to connections, each as often as it has receivers.</summary>
    public long MessagesOut { get; init; }

    /// <summary>Datagrams received.</summary>
    public long DatagramsIn { get; init; }

    /// <summary>Datagrams sent.</summary>
    public long DatagramsOut { get; init; }

    /// <summary>Bytes received.</summary>
    public long BytesIn { get; init; }

    /// <summary>Bytes sent.</summary>
    public long BytesOut { get; init; }

    /// <summary>Datagrams that were reported as lost.</summary>
    public long DatagramsLost { get; init; }

    /// <summary>Bytes that wait to be sent or acknowledged, all connections together.</summary>
    public long QueuedBytes { get; init; }

    /// <summary>Mean of the smoothed round-trip times of the connections, ms; 0 while none is measured.</summary>
    public double RoundTripMs { get; init; }

    /// <summary>The longest of them, ms.</summary>
    public double LongestRoundTripMs { get; init; }

    /// <summary>Mean of the shares of datagrams that the connections lost lately, 0 .. 1.</summary>
    public double Loss { get; init; }
}
