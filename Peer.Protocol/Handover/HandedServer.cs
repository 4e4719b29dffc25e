namespace Peer.Protocol.Handover;

/// <summary>Everything that a server's clients must not notice when another one goes on in its place. Holds keys: it is for the servers of one operator only.</summary>
/// <param name="TicketKeys">Keys under which the clients' tickets are sealed.</param>
/// <param name="SpentTokens">Connect tokens that must not be used again, with their expiry.</param>
/// <param name="Connections">The clients.</param>
internal sealed record HandedServer(byte[][] TicketKeys, (UInt128 Id, long Expiry)[] SpentTokens, HandedConnection[] Connections);

/// <summary>One client: who it is, which tickets it may show, and how far each of its sequences is.</summary>
internal sealed record HandedConnection
{
    public required UInt128 Session { get; init; }

    public required int PeerId { get; init; }

    /// <summary>Its newest ticket, and the oldest one that is still good.</summary>
    public required uint Newest { get; init; }

    public required uint Oldest { get; init; }

    /// <summary>The client id of its connect token, if it came with one.</summary>
    public ulong? ClientId { get; init; }

    public byte[] UserData { get; init; } = [];

    /// <summary>Reliable bytes that the client has granted, that were sent, and that this end has granted; since the start.</summary>
    public required long SendCredit { get; init; }

    public required long CreditUsed { get; init; }

    public required long GrantedCredit { get; init; }

    public required HandedSequence[] Sequences { get; init; }
}

/// <summary>Both directions of one sequence.</summary>
internal sealed record HandedSequence(SequenceKey Key, HandedOutbound Outbound, HandedInbound Inbound);

/// <summary>What goes out: frames that were cut and are not acknowledged, and runs that are not cut.</summary>
/// <param name="Oldest">Number of the oldest frame that is not acknowledged.</param>
/// <param name="Next">Number of the next frame to be cut.</param>
/// <param name="Frames">Frames between the two; those that are missing were acknowledged.</param>
/// <param name="Runs">What follows them.</param>
internal sealed record HandedOutbound(long Oldest, long Next, HandedFrame[] Frames, HandedRun[] Runs)
{
    public long Bytes => Frames.Sum(frame => (long)frame.Payload.Length) + Runs.Sum(run => (long)run.Bytes.Length);
}

/// <summary>What comes in: what is expected next, what came early, and the message that is being put together.</summary>
internal sealed record HandedInbound(long Expected, HandedFrame[] Early, HandedAssembly? Assembly)
{
    /// <summary>Payload bytes that it holds.</summary>
    public long Bytes => Early.Sum(frame => (long)frame.Payload.Length) + (Assembly?.Bytes.Length ?? 0);
}

/// <summary>One frame.</summary>
internal sealed record HandedFrame(
    long Sequence, int? Peer, bool Ended, int FragmentIndex, int FragmentCount, long CreditBytes, bool WasSent, byte[] Payload);

/// <summary>Messages that are not cut yet.</summary>
internal sealed record HandedRun(int? Peer, bool Ended, int Messages, byte[] Bytes);

/// <summary>The beginning of a message in pieces.</summary>
internal sealed record HandedAssembly(int Count, int? Peer, int NextIndex, int PieceBytes, int LastBytes, byte[] Bytes);
