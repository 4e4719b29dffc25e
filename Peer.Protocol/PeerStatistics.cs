namespace Peer.Protocol;

/// <summary>Figures of one connection, a snapshot.</summary>
public sealed record PeerStatistics
{
    /// <summary>A connection that has not been measured yet.</summary>
    public static PeerStatistics Empty { get; } = new();

    /// <summary>Smoothed round-trip time, ms; 0 before the first sample.</summary>
    public double RoundTripMs { get; init; }

    /// <summary>Variation of the round-trip time, ms.</summary>
    public double JitterMs { get; init; }

    /// <summary>Share of sent datagrams that were lost, 0 .. 1, smoothed.</summary>
    public double Loss { get; init; }

    /// <summary>Datagram bytes sent, headers of this protocol included.</summary>
    public long BytesSent { get; init; }

    /// <summary>Datagram bytes received and opened.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Datagrams sent.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Datagrams received and opened.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Datagrams dropped because they could not be opened, were replayed, or broke the format.</summary>
    public long PacketsRejected { get; init; }

    /// <summary>Datagrams that were reported as lost; an ENet connection counts commands.</summary>
    public long PacketsLost { get; init; }

    /// <summary>Bytes waiting for their turn, per channel in use (key: channel; the control sequence is 255).</summary>
    public IReadOnlyDictionary<int, long> QueuedBytes { get; init; } = new Dictionary<int, long>();

    /// <summary>
    /// How long frames waited in the lane of each channel in use before they left for the first time, ms, smoothed over the last ones, or how long the one in front
    /// has waited by now, if that is longer. Empty for ENet, whose channels share one queue.
    /// </summary>
    public IReadOnlyDictionary<int, double> QueueTimesMs { get; init; } = new Dictionary<int, double>();

    /// <summary>Bytes in flight.</summary>
    public long BytesInFlight { get; init; }

    /// <summary>Current pacing rate, bytes per second.</summary>
    public long PacingRate { get; init; }

    /// <summary>Current datagram size of the path, bytes.</summary>
    public int DatagramSize { get; init; }
}
