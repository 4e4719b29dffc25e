using System.Globalization;

namespace Peer.TestKit.Scenarios;

/// <summary>Something that goes wrong, or somebody who leaves, for a while.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When it begins.</param>
/// <param name="Duration">How long it lasts.</param>
/// <param name="Host">The peer that it happens to: to its links, in the case of a link's fault.</param>
/// <param name="Other">The other end of the one link that it happens to; null for all links of the host.</param>
/// <param name="Severity">Share of datagrams lost, bytes a second, or bytes of a datagram; 0 where it means nothing.</param>
public sealed record Fault(FaultKind Kind, TimeSpan At, TimeSpan Duration, string Host, string? Other = null, double Severity = 0)
{
    /// <summary>When it is over.</summary>
    public TimeSpan End => At + Duration;

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At.TotalSeconds:0.000} s: {Kind} of {Host}{(Other is null ? "" : $" and {Other}")} for {Duration.TotalSeconds:0.000} s{(Severity == 0 ? "" : $", {Severity:0.###}")}");
}

/// <summary>What can go wrong.</summary>
public enum FaultKind
{
    /// <summary>Datagrams are lost both ways.</summary>
    LossStorm,

    /// <summary>Nothing passes, either way.</summary>
    Partition,

    /// <summary>Nothing arrives at the host.</summary>
    DeafPartition,

    /// <summary>Nothing that the host sends arrives.</summary>
    MutePartition,

    /// <summary>Large datagrams vanish.</summary>
    MtuDrop,

    /// <summary>The link carries less.</summary>
    SlowDown,

    /// <summary>The application does not poll.</summary>
    Stall,

    /// <summary>The host stands still, sockets and all.</summary>
    Freeze,

    /// <summary>The host's programs die without a word and are started again.</summary>
    Crash,

    /// <summary>The host's address changes, as behind a NAT that forgot.</summary>
    Rebind,

    /// <summary>The peer closes and comes back.</summary>
    Leave,

    /// <summary>The server disconnects the peer, which comes back.</summary>
    Kick,
}
