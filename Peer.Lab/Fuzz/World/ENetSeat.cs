using System.Buffers.Binary;
using System.Net;
using Peer.Protocol.ENet;

namespace Peer.Lab.Fuzz.World;

/// <summary>What somebody must know to speak for one end of a connection: the other end's slot for it, the session, the connection's id; and for a stranger, what the gate wants back.</summary>
internal readonly record struct ENetSeat(ushort Slot, byte Session, uint ConnectId, ushort Number, ushort SentTime)
{
    /// <summary>Where a CONNECT comes from: nobody has a seat yet.</summary>
    public static ENetSeat None { get; } = new(ENetFormat.NoPeer, 0, 0, 0, 0);

    /// <summary>Reads the gate's answer to a CONNECT as its client does; null when it is none, or one to somebody else's.</summary>
    public static ENetSeat? Read(ENetCodec codec, ReadOnlySpan<byte> answer, uint connectId)
    {
        if (!ENetHeader.TryRead(answer, out var header)
            || !codec.TryOpen(answer, header, connectId, out var body)
            || body.Length < ENetFormat.SizeOf(ENetCommand.VerifyConnect)
            || (body[0] & ENetFormat.CommandMask) != (byte)ENetCommand.VerifyConnect)
            return null;
        var offer = ConnectionOffer.Read(body[ENetFormat.CommandHeaderSize..]);
        return offer.ConnectId != connectId ? null : new ENetSeat(offer.PeerId, offer.OutgoingSession, connectId, BinaryPrimitives.ReadUInt16BigEndian(body[2..]), header.SentTime);
    }

    /// <summary>A datagram of these commands that is right on its outside.</summary>
    public byte[] Datagram(ENetCodec codec, bool checksum, ReadOnlySpan<byte> body, long now)
    {
        var bodyAt = ENetFormat.HeaderSize + (checksum ? ENetFormat.ChecksumSize : 0);
        body = body[..Math.Min(body.Length, ENetFormat.MaxMtu - bodyAt)];
        Span<byte> datagram = stackalloc byte[ENetFormat.MaxMtu];
        body.CopyTo(datagram[bodyAt..]);
        var header = new ENetHeader(Slot, Session, false, true, (ushort)(now / 1000));
        return datagram[..codec.Seal(datagram, header, Slot == ENetFormat.NoPeer ? 0 : ConnectId, bodyAt, body.Length)].ToArray();
    }

    /// <summary>A datagram whose slot and session are right where its first word says nothing else, and all the rest as it is.</summary>
    public byte[] Address(ReadOnlySpan<byte> datagram)
    {
        var addressed = datagram.ToArray();
        if (addressed.Length >= ENetFormat.ShortHeaderSize)
            BinaryPrimitives.WriteUInt16BigEndian(addressed, (ushort)(BinaryPrimitives.ReadUInt16BigEndian(addressed) ^ Slot ^ (Session << 12)));
        return addressed;
    }
}

/// <summary>A client, and what its server knows of it.</summary>
/// <param name="Here">The client's end.</param>
/// <param name="Address">Its address.</param>
/// <param name="ToServer">How it speaks to its server.</param>
/// <param name="ToClient">How its server speaks to it.</param>
internal sealed record ENetClient(ENetEnd Here, IPEndPoint Address, ENetSeat ToServer, ENetSeat ToClient);
