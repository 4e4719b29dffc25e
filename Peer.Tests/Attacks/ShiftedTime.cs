namespace Peer.Tests.Attacks;

/// <summary>A host whose wall clock somebody sets, while its monotonic clock goes on.</summary>
/// <param name="stands">Where the wall clock stands unless it is set; null when it goes on, too.</param>
internal sealed class ShiftedTime(DateTimeOffset? stands = null) : TimeProvider
{
    private long _wall;

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Wall
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _wall));
        set => Interlocked.Exchange(ref _wall, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => (stands ?? base.GetUtcNow()) + Wall;
}
