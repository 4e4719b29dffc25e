namespace Peer.Cluster.Rooms;

/// <summary>Where rooms made of callbacks keep what is to survive a crash of their node: a database, a file share, Akka.Persistence.</summary>
public interface IRoomStore
{
    /// <summary>What was stored last; empty when there is nothing.</summary>
    /// <param name="key">The room.</param>
    /// <param name="cancellation">Cancelled when the room is given up.</param>
    Task<ReadOnlyMemory<byte>> LoadAsync(string key, CancellationToken cancellation);

    /// <summary>Stores; calls for one room come one after the other.</summary>
    /// <param name="key">The room.</param>
    /// <param name="state">The bytes.</param>
    /// <param name="cancellation">Cancelled when the room is given up.</param>
    Task StoreAsync(string key, ReadOnlyMemory<byte> state, CancellationToken cancellation);
}
