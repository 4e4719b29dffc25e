namespace Peer.Protocol.ENet;

/// <summary>One channel of a connection: its numbers both ways, and what waits for its turn.</summary>
internal sealed class ENetChannel
{
    /// <summary>Number of the last reliable command queued.</summary>
    public ushort SentReliable { get; set; }

    /// <summary>Number of the last unreliable command queued since.</summary>
    public ushort SentUnreliable { get; set; }

    /// <summary>Sent and not acknowledged.</summary>
    public UnacknowledgedCommands Unacknowledged { get; } = new();

    /// <summary>Number of the last reliable command received in order.</summary>
    public ushort Reliable { get; set; }

    /// <summary>Number of the last unreliable command received since.</summary>
    public ushort Unreliable { get; set; }

    /// <summary>Reliable messages ahead of their turn, by their first number.</summary>
    public Dictionary<ushort, HeldMessage> Held { get; } = [];

    /// <summary>Unreliable messages that wait for a reliable one before them or for pieces of their own, in their order.</summary>
    public List<HeldMessage> Waiting { get; } = [];

    /// <summary>Whether a reliable number is one that may be taken now: not behind, and not too far ahead.</summary>
    public bool Accepts(ushort number)
    {
        var ahead = WindowsAhead(number);
        return ahead is >= 0 and < ENetFormat.AcceptedWindows;
    }

    /// <summary>Whether a number is so far ahead that it is neither taken nor acknowledged; what is behind was taken once and is acknowledged again.</summary>
    public bool IsBeyond(ushort number) => WindowsAhead(number) is ENetFormat.AcceptedWindows or ENetFormat.AcceptedWindows + 1;

    /// <summary>The order of two unreliable messages as seen from the last reliable one.</summary>
    public int Compare(ushort reliable, ushort unreliable, HeldMessage other)
    {
        var byReliable = ((ushort)(reliable - Reliable)).CompareTo((ushort)(other.ReliableNumber - Reliable));
        return byReliable != 0 ? byReliable : unreliable.CompareTo(other.UnreliableNumber);
    }

    public void Release()
    {
        foreach (var held in Held.Values)
            held.Release();
        foreach (var waiting in Waiting)
            waiting.Release();
        Held.Clear();
        Waiting.Clear();
        Unacknowledged.Clear();
    }

    private int WindowsAhead(ushort number)
    {
        var window = number >> ENetFormat.SequenceWindowBits;
        if (number < Reliable)
            window += ENetFormat.SequenceWindows;
        return window - (Reliable >> ENetFormat.SequenceWindowBits);
    }
}
