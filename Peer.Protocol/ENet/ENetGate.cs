using System.Buffers.Binary;
using System.Net;

namespace Peer.Protocol.ENet;

/// <summary>
/// The door of an ENet host: slots, sessions, and strangers until they have confirmed. It answers only what was said to it, at most as long, and keeps a
/// bounded number of those who have not confirmed; when there are too many of them, chance decides who goes.
/// </summary>
internal sealed class ENetGate : IDisposable
{
    /// <summary>Bytes of the longest answer.</summary>
    public const int MaxReplyLength = ENetFormat.HeaderSize + ENetFormat.ChecksumSize + 44;

    /// <summary>Answers to one CONNECT, repeated ones included; a confirmation that was lost must be asked for again.</summary>
    private const int MaxAnswers = 16;

    /// <summary>Between two answers to the same, microseconds.</summary>
    private const long AnswerInterval = 100_000;

    private readonly ENetSettings _settings;
    private readonly IRandomSource _random;
    private readonly ENetCodec _codec;
    private readonly int _maxPending;
    private readonly List<ushort> _free = [];
    private readonly (byte Incoming, byte Outgoing)[] _sessions;
    private readonly PendingConnect?[] _pendingOf;
    private readonly List<PendingConnect> _pending = [];
    private readonly Dictionary<(IPEndPoint From, uint ConnectId), ushort> _known = [];
    private readonly Dictionary<ushort, (IPEndPoint From, uint ConnectId)> _nameOf = [];

    /// <param name="settings">The host's.</param>
    /// <param name="random">Where numbers that must not be guessed come from.</param>
    /// <param name="slots">Most connections, 1 .. 4 095.</param>
    /// <param name="maxPending">Most unconfirmed ones.</param>
    public ENetGate(ENetSettings settings, IRandomSource random, int slots, int maxPending)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slots, ENetFormat.NoPeer);
        _settings = settings;
        _random = random;
        _codec = new ENetCodec(settings);
        _maxPending = Math.Min(maxPending, slots);
        _sessions = new (byte, byte)[slots];
        Array.Fill(_sessions, ((byte)0xFF, (byte)0xFF));
        _pendingOf = new PendingConnect?[slots];
        for (var slot = 0; slot < slots; slot++)
            _free.Add((ushort)slot);
    }

    /// <summary>Those who have not confirmed.</summary>
    public int Pending => _pending.Count;

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
            BinaryPrimitives.ReadUInt16BigEndian(body[2..]));
    }

    /// <summary>Whether a CONNECT is a repetition: it is answered again if its answer may have been lost, and needs no decision.</summary>
    public bool IsRepeated(in ConnectRequest request, IPEndPoint from) => _known.ContainsKey((from, request.Offer.ConnectId));

    /// <summary>Answers a repeated CONNECT.</summary>
    public int Repeat(in ConnectRequest request, IPEndPoint from, long now, Span<byte> reply) =>
        _known.TryGetValue((from, request.Offer.ConnectId), out var slot) && _pendingOf[slot] is { } pending ? Answer(pending, now, reply) : 0;

    /// <summary>Answers a CONNECT with a slot; 0 when all slots are taken by those who have confirmed.</summary>
    public int Welcome(in ConnectRequest request, IPEndPoint from, long now, Span<byte> reply)
    {
        if (_pending.Count > 0 && (_free.Count == 0 || _pending.Count >= _maxPending))
            Release(_pending[Draw(_pending.Count)].Slot);
        if (_free.Count == 0)
            return 0;

        // By chance, so that nobody knows which slot somebody else has.
        var place = Draw(_free.Count);
        var slot = _free[place];
        _free[place] = _free[^1];
        _free.RemoveAt(_free.Count - 1);
        var incoming = NextSession(request.Offer.IncomingSession, _sessions[slot].Outgoing);
        var outgoing = NextSession(request.Offer.OutgoingSession, _sessions[slot].Incoming);
        _sessions[slot] = (outgoing, incoming);
        var pending = new PendingConnect
        {
            Slot = slot,
            From = from,
            Offer = request.Offer,
            Data = request.Data,
            ControlNumber = request.Number,
            Channels = (int)Math.Min(request.Offer.Channels, (uint)_settings.Channels),
            Mtu = (int)Math.Clamp(request.Offer.Mtu, ENetFormat.MinMtu, (uint)_settings.Mtu),
            IncomingSession = outgoing,
            OutgoingSession = incoming,
            Number = (ushort)Draw(0x1_0000),
            SentTime = (ushort)Draw(0x1_0000),
            CreatedAt = now,
            AnsweredAt = long.MinValue / 2,
        };
        _pendingOf[slot] = pending;
        _pending.Add(pending);
        Remember(slot, from, request.Offer.ConnectId);
        return Answer(pending, now, reply);
    }

    /// <summary>A datagram for a slot that has no connection: the confirmation of its client, perhaps with more behind it.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="now">Now.</param>
    /// <param name="reply">Where to write the answer again when the confirmation itself is missing.</param>
    /// <param name="length">Its length, 0 for none.</param>
    /// <returns>Who has confirmed; null for nobody.</returns>
    public PendingConnect? Confirm(ReadOnlySpan<byte> datagram, IPEndPoint from, long now, Span<byte> reply, out int length)
    {
        length = 0;
        if (!ENetHeader.TryRead(datagram, out var header)
            || header.PeerId >= _pendingOf.Length
            || _pendingOf[header.PeerId] is not { } pending
            || !pending.From.Equals(from)
            || header.Session != pending.IncomingSession
            || !_codec.TryOpen(datagram, header, pending.Offer.ConnectId, out var body))
            return null;
        var size = ENetFormat.SizeOf(ENetCommand.Acknowledge);
        if (body.Length < size
            || body[0] != (byte)ENetCommand.Acknowledge
            || body[1] != ENetFormat.ControlChannel
            || BinaryPrimitives.ReadUInt16BigEndian(body[4..]) != pending.Number
            || BinaryPrimitives.ReadUInt16BigEndian(body[6..]) != pending.SentTime)
        {
            length = Answer(pending, now, reply);
            return null;
        }

        Forget(pending);
        return pending;
    }

    /// <summary>Writes a refusal: the client hears of it at once instead of asking until it gives up.</summary>
    public int Refuse(in ConnectRequest request, Span<byte> reply, uint data = 0)
    {
        var bodyAt = BodyAt;
        var body = reply[bodyAt..];
        WriteDisconnect(body, data);
        return _codec.Seal(reply, new ENetHeader(request.Offer.PeerId, 0, false, false, 0), request.Offer.ConnectId, bodyAt, ENetFormat.SizeOf(ENetCommand.Disconnect));
    }

    /// <summary>Writes a refusal for somebody who has confirmed.</summary>
    public int Refuse(PendingConnect confirmed, Span<byte> reply, uint data = 0)
    {
        var bodyAt = BodyAt;
        var body = reply[bodyAt..];
        WriteDisconnect(body, data);
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(confirmed.Number + 1));
        return _codec.Seal(
            reply, new ENetHeader(confirmed.Offer.PeerId, confirmed.OutgoingSession, false, false, 0), confirmed.Offer.ConnectId, bodyAt, ENetFormat.SizeOf(ENetCommand.Disconnect));
    }

    /// <summary>A slot whose connection is over, or was never confirmed, is free.</summary>
    public void Release(ushort slot)
    {
        if (_pendingOf[slot] is { } pending)
            Forget(pending);
        if (_nameOf.Remove(slot, out var name))
            _known.Remove(name);
        else
            return;
        _free.Add(slot);
    }

    /// <summary>A slot for a connection that this end asks for; null when there is none.</summary>
    public ushort? Take(IPEndPoint to, uint connectId)
    {
        if (_free.Count == 0)
            return null;
        var slot = _free[^1];
        _free.RemoveAt(_free.Count - 1);
        Remember(slot, to, connectId);
        return slot;
    }

    /// <summary>Lets go of those who have not confirmed in time.</summary>
    public int Expire(long before)
    {
        var expired = 0;
        for (var i = _pending.Count - 1; i >= 0; i--)
        {
            if (_pending[i].CreatedAt > before)
                continue;
            Release(_pending[i].Slot);
            expired++;
        }

        return expired;
    }

    public void Dispose() => _codec.Dispose();

    private int BodyAt => ENetFormat.HeaderSize + (_settings.Checksum ? ENetFormat.ChecksumSize : 0);

    private static void WriteDisconnect(Span<byte> body, uint data)
    {
        body[0] = (byte)ENetCommand.Disconnect | ENetFormat.UnsequencedFlag;
        body[1] = ENetFormat.ControlChannel;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(body[4..], data);
    }

    private int Answer(PendingConnect pending, long now, Span<byte> reply)
    {
        if (pending.Answers >= MaxAnswers || now - pending.AnsweredAt < AnswerInterval)
            return 0;
        pending.Answers++;
        pending.AnsweredAt = now;
        var bodyAt = BodyAt;
        var body = reply[bodyAt..];
        body[0] = (byte)ENetCommand.VerifyConnect | ENetFormat.AcknowledgeFlag;
        body[1] = ENetFormat.ControlChannel;
        BinaryPrimitives.WriteUInt16BigEndian(body[2..], pending.Number);
        var offer = pending.Offer;
        var window = Math.Clamp(offer.Window, ENetFormat.MinWindow, (uint)ENetFormat.WindowFor(_settings.IncomingBandwidth));

        // Sessions are named from the client's side: its outgoing ones are ours incoming.
        new ConnectionOffer(
            pending.Slot, pending.OutgoingSession, pending.IncomingSession, (uint)pending.Mtu, window, (uint)pending.Channels,
            _settings.IncomingBandwidth, _settings.OutgoingBandwidth, offer.ThrottleInterval, offer.ThrottleAcceleration, offer.ThrottleDeceleration, offer.ConnectId)
            .Write(body[ENetFormat.CommandHeaderSize..]);
        return _codec.Seal(
            reply, new ENetHeader(offer.PeerId, pending.OutgoingSession, false, true, pending.SentTime), offer.ConnectId, bodyAt, ENetFormat.SizeOf(ENetCommand.VerifyConnect));
    }

    /// <summary>The session after the last one that this slot or the client has used, so that late datagrams of an earlier connection are told apart.</summary>
    private static byte NextSession(byte offered, byte last)
    {
        var session = (byte)(((offered == 0xFF ? last : offered) + 1) & 3);
        return session == last ? (byte)((session + 1) & 3) : session;
    }

    private void Remember(ushort slot, IPEndPoint from, uint connectId)
    {
        _known[(from, connectId)] = slot;
        _nameOf[slot] = (from, connectId);
    }

    private void Forget(PendingConnect pending)
    {
        _pendingOf[pending.Slot] = null;
        _pending.Remove(pending);
    }

    private int Draw(int below)
    {
        Span<byte> bytes = stackalloc byte[4];
        _random.Fill(bytes);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes) % (uint)below);
    }
}

/// <summary>What a stranger asks for.</summary>
/// <param name="Offer">Its side of the connection.</param>
/// <param name="Data">32 bits that it sends along.</param>
/// <param name="Number">The command's number.</param>
internal readonly record struct ConnectRequest(ConnectionOffer Offer, uint Data, ushort Number);
