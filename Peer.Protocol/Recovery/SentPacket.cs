namespace Peer.Protocol.Recovery;

/// <summary>What left in one datagram, kept until it is acknowledged or lost; pooled, so it is the caller's only until its handler returns.</summary>
internal sealed class SentPacket<TFrame>
{
    public long Number { get; private set; }

    public long SentAt { get; private set; }

    public int Bytes { get; private set; }

    public bool AckEliciting { get; private set; }

    public bool IsMtuProbe { get; private set; }

    /// <summary>The largest number acknowledged by an ACK frame that it carried, or -1; set by the caller.</summary>
    public long LargestAckSent { get; set; }

    /// <summary>What to deliver again if it is lost; filled by the caller, emptied after the handler has seen it.</summary>
    public List<TFrame> Frames { get; } = [];

    public SendSnapshot Snapshot { get; private set; }

    /// <summary>Its place in the train that it left in.</summary>
    public TrainPlace Place { get; internal set; }

    /// <summary>When it was declared lost; <see cref="long.MaxValue"/> while it is not.</summary>
    public long LostAt { get; private set; }

    public bool IsLost => LostAt != long.MaxValue;

    internal void Begin(long number, long sentAt, int bytes, bool ackEliciting, bool mtuProbe, SendSnapshot snapshot)
    {
        Number = number;
        SentAt = sentAt;
        Bytes = bytes;
        AckEliciting = ackEliciting;
        IsMtuProbe = mtuProbe;
        LargestAckSent = -1;
        Snapshot = snapshot;
        Place = default;
        LostAt = long.MaxValue;
        Frames.Clear();
    }

    internal void MarkLost(long now) => LostAt = now;
}
