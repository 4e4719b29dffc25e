using Akka.Actor;

namespace Peer.Cluster.Hosts;

/// <summary>The search for a room's state among the other nodes, and its arrival piece by piece.</summary>
internal sealed class StateClaim(string key, long id, IEnumerable<Address> asked, long deadline)
{
    private byte[] _bytes = [];
    private int _received;

    public string Key => key;

    public long Id => id;

    /// <summary>Nodes that have not answered.</summary>
    public HashSet<Address> Pending { get; } = [.. asked];

    /// <summary>Who has it; nobody is known yet while this is nobody.</summary>
    public IActorRef Source { get; private set; } = ActorRefs.Nobody;

    /// <summary>Without any news until then, the room opens without its state.</summary>
    public long Deadline { get; set; } = deadline;

    public bool HasSource => !Source.IsNobody();

    public bool IsComplete => HasSource && _received == _bytes.Length;

    public int Received => _received;

    public ReadOnlyMemory<byte> State => _bytes;

    public void TakeFrom(IActorRef source, int length)
    {
        Source = source;
        _bytes = new byte[length];
    }

    /// <summary>Whether the piece was the next one.</summary>
    public bool TryAdd(int offset, ReadOnlySpan<byte> piece)
    {
        if (offset != _received || piece.IsEmpty || piece.Length > _bytes.Length - _received)
            return false;
        piece.CopyTo(_bytes.AsSpan(_received));
        _received += piece.Length;
        return true;
    }
}
