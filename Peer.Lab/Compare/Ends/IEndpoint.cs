using Peer.Protocol;

namespace Peer.Lab.Compare.Ends;

/// <summary>
/// One end as a workload drives it, whatever library is below: a server, or one or many clients in one process. Written for a game loop of one thread;
/// a library may hand messages over on a thread of its own, between polls.
/// </summary>
internal interface IEndpoint : IDisposable
{
    /// <summary>Peers that are connected now: of a server its clients, of clients those that are in.</summary>
    int Connected { get; }

    /// <summary>Listens on loopback; the port that it got.</summary>
    int Listen(int clients);

    /// <summary>Connects that many clients, which are then the peers 0, 1, 2 ... of the calls below, each naming its server.</summary>
    /// <exception cref="InvalidOperationException">Not all of them came in.</exception>
    void Connect(int port, int clients);

    /// <summary>Ends all connections and forgets the clients.</summary>
    void Disconnect();

    /// <summary>Queues a message. False: the queue to that peer is as full as a careful user lets it become, nothing was queued, and a poll helps.</summary>
    bool TrySend(int peer, ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0);

    /// <summary>A server's message to everybody.</summary>
    void Broadcast(ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0);

    /// <summary>Nothing follows for a while: what is queued should leave.</summary>
    void Flush();

    /// <summary>Works, waits at most so long for something to come, and hands over what has come.</summary>
    void Poll(TimeSpan wait);
}

/// <summary>Takes what an endpoint has received. It may send from inside; the payload is only good until it returns.</summary>
internal interface IReceiver
{
    /// <param name="end">Where it came in.</param>
    /// <param name="peer">A server's client as the library numbers them, or the client of this process that received it.</param>
    /// <param name="payload">The message.</param>
    /// <param name="channel">Its channel.</param>
    void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel);
}
