using System.Buffers.Binary;
using System.Collections.Immutable;
using Akka.Actor;
using Peer.Cluster.Rooms;

namespace Peer.Cluster.Hosts;

/// <summary>A room that is open on this node, or opening.</summary>
internal sealed class HostedRoom(string key, IActorRef entity)
{
    public string Key => key;

    public IActorRef Entity => entity;

    public IActorRef Manager { get; set; } = ActorRefs.Nobody;

    /// <summary>Where it serves; empty while it opens.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Whether gateways on other nodes may serve its players.</summary>
    public bool Spans { get; set; }

    public int Peers { get; set; }

    /// <summary>Those of them who are served here.</summary>
    public int Here { get; set; }

    public ImmutableSortedDictionary<string, RoomValue> Properties { get; set; } = ImmutableSortedDictionary<string, RoomValue>.Empty;

    /// <summary>The host that had it before, who is told where its clients go on; nobody for a new room.</summary>
    public IActorRef Before { get; set; } = ActorRefs.Nobody;

    /// <summary>A host that claims the room for a newer incarnation while it is still here.</summary>
    public (IActorRef Host, long Claim)? Successor { get; set; }
}

/// <summary>A room that has been written down here and waits for its next incarnation; then its server stays for clients who have not heard.</summary>
internal sealed class KeptRoom(string key, IActorRef manager, byte[] state, bool isByTicket, long deadline)
{
    public string Key => key;

    public IActorRef Manager => manager;

    /// <summary>Empty once the room has opened elsewhere.</summary>
    public byte[] State { get; set; } = state;

    public bool HasMoved { get; set; }

    /// <summary>Whether its clients are known elsewhere by their tickets alone, and so at any door.</summary>
    public bool IsByTicket => isByTicket;

    public long Deadline => deadline;
}

/// <summary>What a room hands over: its server's state, then its logic's.</summary>
internal static class RoomState
{
    public static byte[] Join(ReadOnlySpan<byte> server, ReadOnlySpan<byte> logic)
    {
        var bytes = new byte[sizeof(int) + server.Length + logic.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, server.Length);
        server.CopyTo(bytes.AsSpan(sizeof(int)));
        logic.CopyTo(bytes.AsSpan(sizeof(int) + server.Length));
        return bytes;
    }

    public static bool TrySplit(ReadOnlyMemory<byte> state, out ReadOnlyMemory<byte> server, out ReadOnlyMemory<byte> logic)
    {
        server = logic = default;
        if (state.Length < sizeof(int))
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(state.Span);
        if (length < 0 || length > state.Length - sizeof(int))
            return false;
        server = state.Slice(sizeof(int), length);
        logic = state[(sizeof(int) + length)..];
        return true;
    }
}
