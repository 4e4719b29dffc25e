namespace Peer.Protocol.Delivery;

/// <summary>One numbered frame on its way out: a slice of a run, or a piece of a message. Sent again as it is until it is acknowledged.</summary>
/// <remarks>
/// Used again once its two owners have let go of it: its sequence, which has it in a window until it is done, and the link, which counts the places
/// where it keeps it, lanes and sent datagrams. They may be on different threads.
/// </remarks>
internal sealed class OutboundFrame
{
    private const int Owners = 2;

    private int _owners = Owners;
    private int _holds;
    private int _wireSize;

    public required SequenceKey Key { get; set; }

    /// <summary>The 64-bit number; its low 32 bits travel.</summary>
    public required long Sequence { get; set; }

    public int? Peer { get; set; }

    public bool Ended { get; set; }

    /// <summary>Index of this piece; 0 without fragments.</summary>
    public int FragmentIndex { get; set; }

    /// <summary>Number of pieces; 0 when the frame is no piece.</summary>
    public int FragmentCount { get; set; }

    /// <summary>
    /// Credit that sending it the first time takes: the payload's length; the whole message's for its first piece and 0 for the others;
    /// 0 for unreliable modes and for control.
    /// </summary>
    public long CreditBytes { get; set; }

    public ReadOnlyMemory<byte> Payload { get; set; }

    /// <summary>The buffer behind the payload; the frame holds one reference.</summary>
    public RunBuffer? Owner { get; set; }

    /// <summary>Whether it has been in a datagram before, so that its credit is already paid.</summary>
    public bool WasSent { get; set; }

    /// <summary>Since when it waits for its first turn, microseconds.</summary>
    public long WaitsSince { get; set; }

    /// <summary>Copies in datagrams that are neither acknowledged nor lost.</summary>
    public int CopiesInFlight { get; set; }

    /// <summary>A copy was lost and the frame waits to be sent again; the loss of another copy changes nothing then.</summary>
    public bool WaitsAgain { get; set; }

    /// <summary>Acknowledged, or given up: a copy still waiting to be sent is skipped.</summary>
    public bool IsDone { get; set; }

    /// <summary>The one behind it in the lane that it waits in.</summary>
    public OutboundFrame? Next { get; set; }

    public bool IsFragment => FragmentCount != 0;

    /// <summary>Bytes that it takes in a datagram, header and payload. Asked for once it is complete.</summary>
    public int WireSize => _wireSize != 0 ? _wireSize : _wireSize = DataHeader.Size(this) + Payload.Length;

    /// <summary>A blank frame, used before or new; both owners have it.</summary>
    public static OutboundFrame Blank(SequenceKey key, long sequence)
    {
        var frame = Spare<OutboundFrame>.Take() ?? new OutboundFrame { Key = key, Sequence = sequence };
        frame.Key = key;
        frame.Sequence = sequence;
        frame._owners = Owners;
        return frame;
    }

    /// <summary>The link keeps it in one more place.</summary>
    public void Hold() => _holds++;

    /// <summary>The link keeps it in one place less; without any, it has let go.</summary>
    public void Unhold()
    {
        if (--_holds == 0)
            LetGo();
    }

    /// <summary>One of the owners will never look at it again.</summary>
    public void LetGo()
    {
        var left = Interlocked.Decrement(ref _owners);
        if (left == 0)
            Recycle();
        else if (left < 0)
            throw new InvalidOperationException("an owner let go of a frame twice");
    }

    private void Recycle()
    {
        // Nonsense, so that whoever still looks is found out by the laws.
        Key = SequenceKey.Control;
        Sequence = -1;
        Peer = null;
        Ended = false;
        FragmentIndex = 0;
        FragmentCount = 0;
        CreditBytes = 0;
        Payload = default;
        Owner = null;
        WasSent = false;
        WaitsSince = 0;
        CopiesInFlight = 0;
        WaitsAgain = false;
        IsDone = false;
        Next = null;
        _wireSize = 0;
        Spare<OutboundFrame>.Give(this);
    }
}
