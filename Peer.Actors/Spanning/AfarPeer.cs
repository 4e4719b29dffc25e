using Akka.Actor;
using Peer.Actors.Facade;

namespace Peer.Actors.Spanning;

/// <summary>A peer that is connected at another gateway of the room.</summary>
/// <param name="id">Its ID.</param>
/// <param name="gateway">Where it is.</param>
/// <param name="here">This end's manager.</param>
/// <param name="reportEvery">Bytes that are given back at a time.</param>
internal sealed class AfarPeer(int id, Gateway gateway, IActorRef here, long reportEvery) : ICreditReturn
{
    private long _consumed;

    public int Id { get; } = id;

    /// <summary>Where it is, or was.</summary>
    public Gateway Gateway { get; } = gateway;

    /// <summary>Whether its gateway is gone, and it may come back by another one.</summary>
    public bool IsLost => Gateway.IsOver;

    /// <summary>How much had been kept for those who may come back when its gateway was lost: it has heard that.</summary>
    public int SaidBefore { get; set; }

    /// <inheritdoc />
    public void Consumed(int bytes)
    {
        if (bytes == 0 || Interlocked.Add(ref _consumed, bytes) < reportEvery)
            return;
        var sum = Interlocked.Exchange(ref _consumed, 0);
        if (sum > 0)
            here.Tell(new AfarConsumed(Id, sum), ActorRefs.NoSender);
    }
}

/// <summary>To a manager, from a reader's thread: reliable bytes of a peer that is at another gateway were taken.</summary>
internal sealed record AfarConsumed(int Peer, long Bytes) : INoSerializationVerificationNeeded;
