namespace Peer.Protocol.Recovery;

/// <summary>Hears how each packet ended. It must take what it wants of the record before it returns, and send nothing from inside.</summary>
internal interface IRecoveryHandler<TFrame>
{
    void Acknowledged(SentPacket<TFrame> packet);

    void Lost(SentPacket<TFrame> packet);
}
