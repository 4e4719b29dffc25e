using System.Globalization;
using System.Text;

namespace Peer.TestKit.Scenarios;

/// <summary>What happened in a run, for people who want to see it: the last entries, up to a bound. Empty unless the run was told to keep it, or broke a law.</summary>
public sealed class Timeline
{
    internal Timeline(IReadOnlyList<TimelineEntry> entries, IReadOnlyList<string> hosts, long dropped)
    {
        Entries = entries;
        Hosts = hosts;
        Dropped = dropped;
    }

    /// <summary>A timeline of nothing.</summary>
    public static Timeline Empty { get; } = new([], [], 0);

    /// <summary>The entries, in the order in which they happened.</summary>
    public IReadOnlyList<TimelineEntry> Entries { get; }

    /// <summary>Names of all hosts, in the scenario's order.</summary>
    public IReadOnlyList<string> Hosts { get; }

    /// <summary>Older entries that were not kept.</summary>
    public long Dropped { get; }

    /// <summary>The last entries as text, a line each.</summary>
    public string Last(int count)
    {
        var text = new StringBuilder();
        for (var i = Math.Max(0, Entries.Count - count); i < Entries.Count; i++)
            text.Append(Entries[i]).Append('\n');
        return text.ToString();
    }
}

/// <summary>One thing that happened.</summary>
/// <param name="At">When, since the run began.</param>
/// <param name="Kind">What.</param>
/// <param name="From">The host where it happened or that sent.</param>
/// <param name="To">The host that it went to; empty where that means nothing, or for several.</param>
/// <param name="What">Text for people: sizes, numbers, reasons.</param>
/// <param name="Arrives">When a datagram that was sent arrives; null for everything else.</param>
public readonly record struct TimelineEntry(TimeSpan At, TimelineKind Kind, string From, string To, string What, TimeSpan? Arrives = null)
{
    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds,12:0.000000} {Kind,-15} {From}{(To.Length == 0 ? "" : " -> " + To)} {What}{(Arrives is { } arrives ? $" arrives {arrives.TotalSeconds:0.000000}" : "")}");
}

/// <summary>Kinds of entries.</summary>
public enum TimelineKind
{
    /// <summary>A datagram left and will arrive.</summary>
    DatagramSent,

    /// <summary>A datagram left and never arrives; the text says why.</summary>
    DatagramLost,

    /// <summary>An application put a packet.</summary>
    PacketPut,

    /// <summary>An application took a packet.</summary>
    PacketDelivered,

    /// <summary>A signal was raised: connected, disconnected and the like.</summary>
    Signal,

    /// <summary>A fault began or ended, somebody started or left.</summary>
    Fault,
}
