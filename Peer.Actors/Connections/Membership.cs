namespace Peer.Actors.Connections;

/// <summary>What the manager knows of a client that may come back: who it is for good, which tickets it may show, and what waits for it while it is away.</summary>
/// <param name="member">Whose it is.</param>
/// <param name="session">Names the connection for good.</param>
internal sealed class Membership(Member member, UInt128 session)
{
    public UInt128 Session { get; } = session;

    /// <summary>The newest ticket; 0 before the first.</summary>
    public uint Newest { get; set; }

    /// <summary>The oldest ticket that may still be shown: the client may not have got a newer one.</summary>
    public uint Oldest { get; set; } = 1;

    /// <summary>When the newest ticket must be renewed.</summary>
    public long RenewAt { get; set; }

    /// <summary>Its place among those whose tickets must be renewed.</summary>
    public LinkedListNode<Member> Renewal { get; } = new(member);

    /// <summary>What another server knew of its connect token, when this one has taken it over.</summary>
    public Peer.Protocol.Handshake.OpenedToken? Token { get; init; }

    /// <summary>Bytes counted as waiting for it since it was interrupted.</summary>
    public long Held { get; set; }
}
