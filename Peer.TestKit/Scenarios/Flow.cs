using System.Globalization;
using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>A part of the workload: somebody sends bursts of packets on one channel, with quiet stretches between.</summary>
public sealed record Flow
{
    /// <summary>Channel, 0 .. 254.</summary>
    public required int Channel { get; init; }

    /// <summary>Transfer mode.</summary>
    public required TransferMode Mode { get; init; }

    /// <summary>To whom.</summary>
    public required FlowTarget Target { get; init; }

    /// <summary>Mean time between two bursts.</summary>
    public required TimeSpan Every { get; init; }

    /// <summary>Packets in a burst.</summary>
    public int Burst { get; init; } = 1;

    /// <summary>Smallest packet, bytes, 8 or more.</summary>
    public int MinBytes { get; init; } = 8;

    /// <summary>Largest packet, bytes.</summary>
    public int MaxBytes { get; init; } = 64;

    /// <summary>Sends for so long ...</summary>
    public TimeSpan Busy { get; init; } = TimeSpan.MaxValue;

    /// <summary>... and then rests for so long.</summary>
    public TimeSpan Quiet { get; init; }

    /// <inheritdoc />
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Burst} x {MinBytes}..{MaxBytes} B to {Target} on {Channel}/{Mode} every {Every.TotalSeconds:0.00} s{(Quiet > TimeSpan.Zero ? $", {Busy.TotalSeconds:0} s on {Quiet.TotalSeconds:0} s off" : "")}");
}

/// <summary>To whom a flow sends; who that is, is chosen for each burst anew among those who are there.</summary>
public enum FlowTarget
{
    /// <summary>Target 0.</summary>
    All,

    /// <summary>Target 1.</summary>
    Server,

    /// <summary>Target n.</summary>
    One,

    /// <summary>Target -n.</summary>
    AllButOne,
}
