namespace Peer.Cluster.Rooms;

/// <summary>Where rooms made of callbacks keep what is to survive a crash of their node: a database, a file share.</summary>
/// <remarks>
/// A room that cannot be loaded does not open, and whoever asked for it is told so; the next one who asks has it tried again. One that cannot be stored goes on: the log
/// tells of it, and the next checkpoint tries again. A room that closes or moves waits for its store, at most for <c>actorpeer.cluster.rooms.move-timeout</c>.
/// </remarks>
public interface IRoomStore
{
    /// <summary>What was stored last; empty when there is nothing.</summary>
    /// <param name="key">The room.</param>
    /// <param name="cancellation">Cancelled when the room is given up.</param>
    Task<ReadOnlyMemory<byte>> LoadAsync(string key, CancellationToken cancellation);

    /// <summary>Stores in place of what was stored before; calls for one room come one after the other, on whichever node it is.</summary>
    /// <param name="key">The room.</param>
    /// <param name="state">The bytes.</param>
    /// <param name="cancellation">Cancelled when the room is given up.</param>
    Task StoreAsync(string key, ReadOnlyMemory<byte> state, CancellationToken cancellation);
}
