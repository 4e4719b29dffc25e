namespace Peer.Protocol.Delivery;

/// <summary>
/// The unit that travels between actors: consecutive messages of one (peer, channel, mode), each prefixed with its length as a varint,
/// back to back in one buffer.
/// </summary>
/// <remarks>
/// Holds one reference to its buffer; whoever takes the run over releases it. <see cref="Peer"/> is what the DATA frame's peer field will say:
/// null for the other end itself, else a target (towards a server) or the true sender (from a server).
/// </remarks>
internal sealed class Run
{
    private readonly RunBuffer? _owner;

    public Run(SequenceKey key, int? peer, ReadOnlyMemory<byte> bytes, int messages, RunBuffer? owner, bool ended = false)
    {
        Key = key;
        Peer = peer;
        Bytes = bytes;
        Messages = messages;
        Ended = ended;
        _owner = owner;
    }

    public SequenceKey Key { get; }

    public int? Peer { get; }

    /// <summary>Length-prefixed messages; empty only for an ended mark.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>How many messages the bytes hold.</summary>
    public int Messages { get; }

    /// <summary>Marks that <see cref="Peer"/> has left; carries no messages.</summary>
    public bool Ended { get; }

    /// <summary>The buffer behind the bytes, null when they are the garbage collector's.</summary>
    public RunBuffer? Owner => _owner;

    /// <summary>The same bytes for another reader and another peer field, with a reference of their own.</summary>
    public Run Share(int? peer)
    {
        _owner?.Retain();
        return new Run(Key, peer, Bytes, Messages, _owner, Ended);
    }

    /// <summary>Gives this run's reference back.</summary>
    public void Release() => _owner?.Release();

    /// <summary>One control message, copied into a run of its own.</summary>
    public static Run OfControl(ReadOnlySpan<byte> message)
    {
        var writer = new RunWriter(SequenceKey.Control, null);
        writer.Append(message);
        return writer.Take();
    }

    /// <summary>A mark that a relayed sender has left, in the order of its sequence.</summary>
    public static Run EndOf(SequenceKey key, int peer) => new(key, peer, default, 0, null, ended: true);
}
