namespace Peer.Actors.Facade;

/// <summary>Where a reader says that it has taken bytes, so that the other end may send more.</summary>
internal interface ICreditReturn
{
    /// <summary>Called from the reader's thread with <see cref="Protocol.Delivery.DeliveredRun.CreditBytes"/> once a run's last message has been taken.</summary>
    void Consumed(int bytes);
}
