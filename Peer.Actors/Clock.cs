namespace Peer.Actors;

/// <summary>The core's two times from one <see cref="TimeProvider"/>: monotonic microseconds, and Unix seconds for what strangers show.</summary>
internal sealed class Clock(TimeProvider provider)
{
    private readonly double _microsPerTick = 1e6 / provider.TimestampFrequency;
    private readonly long _origin = provider.GetTimestamp();

    /// <summary>The real clock; the one place that names it.</summary>
#pragma warning disable RS0030 // The default of the settings is where the system clock comes in.
    public static TimeProvider System => TimeProvider.System;
#pragma warning restore RS0030

    public TimeProvider Provider => provider;

    /// <summary>Microseconds since this clock was made.</summary>
    public long Now => (long)((provider.GetTimestamp() - _origin) * _microsPerTick);

    /// <summary>A length of time in the core's microseconds.</summary>
    public static long Micros(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Seconds since 1970.</summary>
    public long UnixSeconds => provider.GetUtcNow().ToUnixTimeSeconds();
}
