using Peer.Protocol;

namespace Peer.Lab.Drawing;

/// <summary>What a drawing of a simulation shows, free of how it was recorded. Times are microseconds since the simulation began; lanes are indices.</summary>
internal sealed record Picture(string Title, string Subtitle, IReadOnlyList<string> Lanes)
{
    public List<Flight> Flights { get; } = [];

    public List<PacketDot> Packets { get; } = [];

    public List<SignalMark> Signals { get; } = [];

    public List<FaultBand> Faults { get; } = [];

    public List<NoteLine> Notes { get; } = [];

    /// <summary>The first moment that is known of.</summary>
    public long Begin { get; init; }

    /// <summary>The last moment that anything happens at.</summary>
    public long End { get; init; }
}

/// <summary>A datagram on its way; what was lost says why, and has no arrival.</summary>
internal readonly record struct Flight(int From, int To, long SentAt, long ArrivesAt, string? Lost = null);

/// <summary>A packet that a user put, or that was delivered to him.</summary>
internal readonly record struct PacketDot(int Lane, long At, bool Delivered, TransferMode Mode);

/// <summary>What a lane was told of a peer, short, and at length where there is more to say.</summary>
internal readonly record struct SignalMark(int Lane, long At, bool Connected, string Who, string? Why = null);

/// <summary>A fault while it lasts; no lanes means everybody.</summary>
internal sealed record FaultBand(FaultShade Shade, string Label, long Begins, long Ends, IReadOnlyList<int> Lanes);

/// <summary>A moment that concerns the whole picture, such as that of a violation.</summary>
internal readonly record struct NoteLine(long At, string Text);

/// <summary>Kinds of faults that share a colour.</summary>
internal enum FaultShade
{
    /// <summary>Nothing passes.</summary>
    Partition,

    /// <summary>A link is worse than usual.</summary>
    Link,

    /// <summary>Somebody stands still.</summary>
    Freeze,

    /// <summary>Somebody dies.</summary>
    Crash,

    /// <summary>Somebody leaves, or moves.</summary>
    Leave,
}
