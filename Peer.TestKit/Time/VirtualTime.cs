namespace Peer.TestKit.Time;

/// <summary>The clock of a simulation: it stands still until an event moves it. Microseconds since the simulation began.</summary>
public sealed class VirtualTime : TimeProvider
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Microseconds since the simulation began.</summary>
    public long Now { get; private set; }

    /// <summary>Time since the simulation began.</summary>
    public TimeSpan Elapsed => TimeSpan.FromMicroseconds(Now);

    /// <inheritdoc />
    public override long TimestampFrequency => 1_000_000;

    /// <inheritdoc />
    public override long GetTimestamp() => Now;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => Epoch.AddMicroseconds(Now);

    internal void MoveTo(long micros) => Now = Math.Max(Now, micros);
}
