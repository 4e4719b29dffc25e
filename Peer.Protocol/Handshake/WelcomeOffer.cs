namespace Peer.Protocol.Handshake;

/// <summary>What the server grants a client, as the sealed part of WELCOME tells it.</summary>
/// <param name="ServerConnectionId">Connection id for datagrams to the server.</param>
/// <param name="PeerId">The client's peer ID, at least 1.</param>
/// <param name="ServerPeerId">The server's peer ID, at least 1.</param>
/// <param name="MaxMessageBytes">Largest message, at least 1.</param>
/// <param name="Channels">Channels in use, 1 .. 255.</param>
/// <param name="InitialCredit">Reliable bytes that the client may send before a further grant.</param>
/// <param name="IdleTimeoutMs">Silence after which the server gives up, in milliseconds.</param>
/// <param name="Relay">Whether packets to other clients are passed on.</param>
internal sealed record WelcomeOffer(
    ulong ServerConnectionId,
    int PeerId,
    int ServerPeerId,
    int MaxMessageBytes,
    int Channels,
    long InitialCredit,
    int IdleTimeoutMs,
    bool Relay)
{
    private const byte RelayFlag = 1;
    private const byte AnewFlag = 2;

    /// <summary>The server knows the client by its ticket, and nothing of what was under way: every sequence begins anew at both ends.</summary>
    public bool Anew { get; init; }

    /// <summary>Bytes of the offer on the wire.</summary>
    public const int Length = 8 + 4 + 4 + 4 + 2 + 8 + 4 + 1;

    /// <summary>Whether every number is in its range.</summary>
    public bool IsLegal => PeerId > 0 && ServerPeerId > 0 && MaxMessageBytes > 0 && Channels is > 0 and <= 255 && InitialCredit >= 0 && IdleTimeoutMs >= 0;

    public static WelcomeOffer Read(ref FieldReader reader, out bool legal)
    {
        var offer = new WelcomeOffer(
            reader.U64(), reader.I32(), reader.I32(), reader.I32(), reader.U16(), reader.I64(), reader.I32(), false);
        var flags = reader.U8();
        legal = !reader.Failed && flags <= (RelayFlag | AnewFlag) && offer.IsLegal;
        return offer with { Relay = (flags & RelayFlag) != 0, Anew = (flags & AnewFlag) != 0 };
    }

    public void Write(ref FieldWriter writer)
    {
        writer.U64(ServerConnectionId);
        writer.I32(PeerId);
        writer.I32(ServerPeerId);
        writer.I32(MaxMessageBytes);
        writer.U16((ushort)Channels);
        writer.I64(InitialCredit);
        writer.I32(IdleTimeoutMs);
        writer.U8((byte)((Relay ? RelayFlag : 0) | (Anew ? AnewFlag : 0)));
    }
}
