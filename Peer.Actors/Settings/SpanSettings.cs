namespace Peer.Actors.Settings;

/// <summary>Settings of rooms that span nodes, section <c>actorpeer.span</c>.</summary>
public sealed record SpanSettings
{
    /// <summary>Bytes that may be on their way to another gateway; unreliable packets beyond it are dropped.</summary>
    public required long WindowBytes { get; init; }

    /// <summary>Bytes that may be on their way to another gateway or wait for it; a link with more to carry is given up.</summary>
    public required long QueueBytes { get; init; }

    /// <summary>What goes to other gateways is gathered for so long; zero: while the manager has other messages to see to.</summary>
    public required TimeSpan Gather { get; init; }

    internal static SpanSettings Parse(SettingsReader reader) => new()
    {
        WindowBytes = reader.Bytes("window", 1 << 20, 1L << 30),
        QueueBytes = reader.Bytes("queue", 1 << 20, 4L << 30),
        Gather = reader.Duration("gather", TimeSpan.Zero, TimeSpan.FromMilliseconds(100)),
    };
}
