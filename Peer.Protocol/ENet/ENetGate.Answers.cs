using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What strangers say, and what they are answered.</summary>
internal sealed partial class ENetGate
{
    /// <summary>Bytes of the longest answer.</summary>
    public const int MaxReplyLength = ENetFormat.HeaderSize + ENetFormat.ChecksumSize + 44;

    /// <summary>Answers to one CONNECT, repeated ones included; a confirmation that was lost must be asked for again.</summary>
    private const int MaxAnswers = 16;

    /// <summary>Between two answers to the same, microseconds.</summary>
    private const long AnswerInterval = 100_000;

    private int BodyAt => ENetFormat.HeaderSize + (_settings.Checksum ? ENetFormat.ChecksumSize : 0);

    /// <summary>Somebody without a slot. What to do about it is the caller's to decide once a CONNECT has been read.</summary>
    /// <returns>The CONNECT, null when it is none.</returns>
    public ConnectRequest? Read(ReadOnlySpan<byte> datagram)
    {
        if (!ENetHeader.TryRead(datagram, out var header)
            || header.PeerId != ENetFormat.NoPeer
            || !_codec.TryOpen(datagram, header, 0, out var body)
            || body.Length < ENetFormat.SizeOf(ENetCommand.Connect)
            || (body[0] & ENetFormat.CommandMask) != (byte)ENetCommand.Connect)
            return null;
        var offer = ConnectionOffer.Read(body[ENetFormat.CommandHeaderSize..]);
        if (offer.Channels is < 1 or > ENetFormat.MaxChannels || offer.PeerId >= ENetFormat.NoPeer)
            return null;
        return new ConnectRequest(
            offer,
            BinaryPrimitives.ReadUInt32BigEndian(body[(ENetFormat.CommandHeaderSize + ConnectionOffer.Size)..]),
            BinaryPrimitives.ReadUInt16BigEndian(body[2..]),
            datagram.Length);
    }

    /// <summary>Writes a refusal: the client hears of it at once instead of asking until it gives up.</summary>
    public int Refuse(in ConnectRequest request, Span<byte> reply, uint data = 0) =>
        Disconnect(new ENetHeader(request.Offer.PeerId, 0, false, false, 0), request.Offer.ConnectId, 1, data, reply);

    /// <summary>Writes a refusal for somebody who was answered, and may take himself for connected by now.</summary>
    public int Refuse(PendingConnect answered, Span<byte> reply, uint data = 0) =>
        Disconnect(new ENetHeader(answered.Offer.PeerId, answered.OutgoingSession, false, false, 0), answered.Offer.ConnectId, (ushort)(answered.Number + 1), data, reply);

    private int Disconnect(ENetHeader header, uint connectId, ushort number, uint data, Span<byte> reply)
    {
        var bodyAt = BodyAt;
        var body = reply[bodyAt..];
        body[0] = (byte)ENetCommand.Disconnect | ENetFormat.UnsequencedFlag;
        body[1] = ENetFormat.ControlChannel;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], number);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], data);
        return _codec.Seal(reply, header, connectId, bodyAt, ENetFormat.SizeOf(ENetCommand.Disconnect));
    }

    /// <summary>Answers a CONNECT, or repeats the answer, which may have been lost.</summary>
    private int Verify(PendingConnect pending, int received, long now, Span<byte> reply)
    {
        pending.Received += received;
        if (!MayHear(pending, pending.VerifyLength, now))
            return 0;
        Span<byte> fields = stackalloc byte[ConnectionOffer.Size];
        var offer = pending.Offer;
        var window = Math.Clamp(offer.Window, ENetFormat.MinWindow, (uint)ENetFormat.WindowFor(_settings.IncomingBandwidth));
        new ConnectionOffer(
            pending.Slot, pending.OutgoingSession, pending.IncomingSession, (uint)pending.Mtu, window, (uint)pending.Channels,
            _settings.IncomingBandwidth, _settings.OutgoingBandwidth, offer.ThrottleInterval, offer.ThrottleAcceleration, offer.ThrottleDeceleration, offer.ConnectId)
            .Write(fields);
        pending.VerifyLength = Seal(pending, ENetCommand.VerifyConnect, fields, reply);
        return Answered(pending, pending.VerifyLength, now);
    }

    /// <summary>
    /// Somebody speaks from the seat that he was offered, and has not confirmed: his confirmation may have been lost. A ping with the answer's number and time is
    /// acknowledged with the same words as the answer itself, and is no longer than the shortest command that asks for an acknowledgement.
    /// </summary>
    private int AskAgain(PendingConnect pending, int received, long now, Span<byte> reply)
    {
        pending.Received += received;
        return MayHear(pending, BodyAt + ENetFormat.SizeOf(ENetCommand.Ping), now) ? Answered(pending, Seal(pending, ENetCommand.Ping, [], reply), now) : 0;
    }

    /// <summary>Whether an answer of this length is due, and makes no more bytes than came.</summary>
    private static bool MayHear(PendingConnect pending, int length, long now) =>
        pending.Answers < MaxAnswers && now - pending.AnsweredAt >= AnswerInterval && pending.Sent + length <= pending.Received;

    /// <summary>Counts an answer that is written; 0 when it turns out too long for what came, as it may where one compresses better than the other.</summary>
    private static int Answered(PendingConnect pending, int length, long now)
    {
        if (pending.Sent + length > pending.Received)
            return 0;
        pending.Answers++;
        pending.AnsweredAt = now;
        pending.Sent += length;
        return length;
    }

    /// <summary>Writes a command that must be acknowledged, under the answer's number and time.</summary>
    private int Seal(PendingConnect pending, ENetCommand command, ReadOnlySpan<byte> fields, Span<byte> reply)
    {
        var bodyAt = BodyAt;
        var body = reply[bodyAt..];
        body[0] = (byte)((byte)command | ENetFormat.AcknowledgeFlag);
        body[1] = ENetFormat.ControlChannel;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], pending.Number);
        fields.CopyTo(body[ENetFormat.CommandHeaderSize..]);
        return _codec.Seal(
            reply, new ENetHeader(pending.Offer.PeerId, pending.OutgoingSession, false, true, pending.SentTime), pending.Offer.ConnectId, bodyAt, ENetFormat.SizeOf(command));
    }
}

/// <summary>What a stranger asks for.</summary>
/// <param name="Offer">Its side of the connection.</param>
/// <param name="Data">32 bits that it sends along.</param>
/// <param name="Number">The command's number.</param>
/// <param name="Length">Bytes of the datagram.</param>
internal readonly record struct ConnectRequest(ConnectionOffer Offer, uint Data, ushort Number, int Length);
