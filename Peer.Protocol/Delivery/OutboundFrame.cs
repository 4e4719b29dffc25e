namespace Peer.Protocol.Delivery;

/// <summary>One numbered frame on its way out: a slice of a run, or a piece of a message. Sent again as it is until it is acknowledged.</summary>
internal sealed class OutboundFrame
{
    public required SequenceKey Key { get; init; }

    /// <summary>The 64-bit number; its low 32 bits travel.</summary>
    public required long Sequence { get; init; }

    public int? Peer { get; init; }

    public bool Ended { get; init; }

    /// <summary>Index of this piece; 0 without fragments.</summary>
    public int FragmentIndex { get; init; }

    /// <summary>Number of pieces; 0 when the frame is no piece.</summary>
    public int FragmentCount { get; init; }

    /// <summary>
    /// Credit that sending it the first time takes: the payload's length; the whole message's for its first piece and 0 for the others;
    /// 0 for unreliable modes and for control.
    /// </summary>
    public long CreditBytes { get; init; }

    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The buffer behind the payload; the frame holds one reference.</summary>
    public RunBuffer? Owner { get; init; }

    /// <summary>Whether it has been in a datagram before, so that its credit is already paid.</summary>
    public bool WasSent { get; set; }

    /// <summary>Copies in datagrams that are neither acknowledged nor lost.</summary>
    public int CopiesInFlight { get; set; }

    /// <summary>A copy was lost and the frame waits to be sent again; the loss of another copy changes nothing then.</summary>
    public bool WaitsAgain { get; set; }

    /// <summary>Acknowledged, or given up: a copy still waiting to be sent is skipped.</summary>
    public bool IsDone { get; set; }

    public bool IsFragment => FragmentCount != 0;
}
