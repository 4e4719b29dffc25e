using System.Buffers.Binary;
using System.Net;

namespace Peer.Protocol.ENet;

/// <summary>
/// The door of an ENet host: slots, sessions, and strangers until they have confirmed. It answers only what was said to it, and an address never gets more bytes
/// than came from it: a CONNECT that its answer would exceed, as compression may have it, is answered when it is repeated. It keeps a bounded number of those who
/// have not confirmed; when there are too many of them, chance decides who goes.
/// </summary>
internal sealed partial class ENetGate : IDisposable
{
    private readonly ENetSettings _settings;
    private readonly IRandomSource _random;
    private readonly ENetCodec _codec;
    private readonly int _maxPending;
    private readonly ENetSlots _slots;
    private readonly (byte Incoming, byte Outgoing)[] _sessions;
    private readonly List<PendingConnect> _pending = [];
    private readonly Dictionary<(IPEndPoint From, uint ConnectId), PendingConnect> _asking = [];
    private readonly Dictionary<(IPEndPoint From, ushort Slot), PendingConnect> _offered = [];
    private readonly HashSet<(IPEndPoint From, uint ConnectId)> _connected = [];
    private readonly Dictionary<ushort, (IPEndPoint From, uint ConnectId)> _nameOf = [];

    /// <param name="settings">The host's.</param>
    /// <param name="random">Where numbers that must not be guessed come from.</param>
    /// <param name="slots">Most connections, 1 .. 4 095.</param>
    /// <param name="maxPending">Most unconfirmed ones, which may be more: several are offered the same slot then.</param>
    public ENetGate(ENetSettings settings, IRandomSource random, int slots, int maxPending)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPending, 1);
        _settings = settings;
        _random = random;
        _codec = new ENetCodec(settings);
        _maxPending = maxPending;
        _slots = new ENetSlots(slots, Draw);
        _sessions = new (byte, byte)[slots];
        Array.Fill(_sessions, ((byte)0xFF, (byte)0xFF));
    }

    /// <summary>Those who have not confirmed.</summary>
    public int Pending => _pending.Count;

    /// <summary>Whether a CONNECT is a repetition: it is answered again if its answer may have been lost, and needs no decision.</summary>
    public bool IsRepeated(in ConnectRequest request, IPEndPoint from) =>
        _asking.ContainsKey((from, request.Offer.ConnectId)) || _connected.Contains((from, request.Offer.ConnectId));

    /// <summary>Answers a repeated CONNECT.</summary>
    public int Repeat(in ConnectRequest request, IPEndPoint from, long now, Span<byte> reply) =>
        _asking.TryGetValue((from, request.Offer.ConnectId), out var pending) ? Verify(pending, request.Length, now, reply) : 0;

    /// <summary>Offers a slot to whoever sent a CONNECT, and answers when that is not longer.</summary>
    /// <returns>Bytes of the answer; null when all slots are taken by those who have confirmed.</returns>
    public int? Welcome(in ConnectRequest request, IPEndPoint from, long now, Span<byte> reply)
    {
        if (_slots.Offer() is not { } slot)
            return null;
        if (_offered.TryGetValue((from, slot), out var before))
            Forget(before);
        if (_pending.Count >= _maxPending)
            Forget(_pending[Draw(_pending.Count)]);
        var pending = new PendingConnect
        {
            Slot = slot,
            From = from,
            Offer = request.Offer,
            Data = request.Data,
            ControlNumber = request.Number,
            Channels = (int)Math.Min(request.Offer.Channels, (uint)_settings.Channels),
            Mtu = (int)Math.Clamp(request.Offer.Mtu, ENetFormat.MinMtu, (uint)_settings.Mtu),

            // Sessions are named from the client's side: its outgoing ones are ours incoming.
            IncomingSession = NextSession(request.Offer.OutgoingSession, _sessions[slot].Incoming),
            OutgoingSession = NextSession(request.Offer.IncomingSession, _sessions[slot].Outgoing),
            Number = (ushort)Draw(0x1_0000),
            SentTime = (ushort)Draw(0x1_0000),
            CreatedAt = now,
            AnsweredAt = long.MinValue / 2,
            Place = _pending.Count,
        };
        _pending.Add(pending);
        _asking[(from, request.Offer.ConnectId)] = pending;
        _offered[(from, slot)] = pending;
        return Verify(pending, request.Length, now, reply);
    }

    /// <summary>A datagram for a slot that has no connection: the confirmation of its client, perhaps with more behind it.</summary>
    /// <param name="datagram">The datagram.</param>
    /// <param name="from">Where it came from.</param>
    /// <param name="now">Now.</param>
    /// <param name="reply">Where to ask again when the confirmation itself is missing.</param>
    /// <param name="length">Its length, 0 for none.</param>
    /// <returns>Who has confirmed, and stays unconfirmed until <see cref="Accept"/>; null for nobody.</returns>
    public PendingConnect? Confirm(ReadOnlySpan<byte> datagram, IPEndPoint from, long now, Span<byte> reply, out int length)
    {
        length = 0;
        if (!ENetHeader.TryRead(datagram, out var header)
            || !_offered.TryGetValue((from, header.PeerId), out var pending)
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
            length = AskAgain(pending, datagram.Length, now, reply);
            return null;
        }

        return pending;
    }

    /// <summary>Gives the slot to somebody who has confirmed; false, and nothing is left of him here, when another one to whom it was offered was quicker.</summary>
    public bool Accept(PendingConnect confirmed)
    {
        Forget(confirmed);
        if (!_slots.TryTake(confirmed.Slot))
            return false;
        _sessions[confirmed.Slot] = (confirmed.IncomingSession, confirmed.OutgoingSession);
        Remember(confirmed.Slot, confirmed.From, confirmed.Offer.ConnectId);
        return true;
    }

    /// <summary>A slot whose connection is over is free.</summary>
    public void Release(ushort slot)
    {
        if (!_nameOf.Remove(slot, out var name))
            return;
        _connected.Remove(name);
        _slots.GiveBack(slot);
    }

    /// <summary>A slot for a connection that this end asks for; null when there is none.</summary>
    public ushort? Take(IPEndPoint to, uint connectId)
    {
        var slot = _slots.Take();
        if (slot is { } taken)
            Remember(taken, to, connectId);
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
            Forget(_pending[i]);
            expired++;
        }

        return expired;
    }

    /// <summary>Lets go of all who have not confirmed, and returns them.</summary>
    public PendingConnect[] ForgetAll()
    {
        var all = _pending.ToArray();
        foreach (var pending in all)
            Forget(pending);
        return all;
    }

    public void Dispose() => _codec.Dispose();

    /// <summary>The session after the last one that this slot or the client has used, so that late datagrams of an earlier connection are told apart.</summary>
    private static byte NextSession(byte offered, byte last)
    {
        var session = (byte)(((offered == 0xFF ? last : offered) + 1) & 3);
        return session == last ? (byte)((session + 1) & 3) : session;
    }

    private void Remember(ushort slot, IPEndPoint from, uint connectId)
    {
        _connected.Add((from, connectId));
        _nameOf[slot] = (from, connectId);
    }

    private void Forget(PendingConnect pending)
    {
        var last = _pending[^1];
        _pending[pending.Place] = last;
        last.Place = pending.Place;
        _pending.RemoveAt(_pending.Count - 1);
        _asking.Remove((pending.From, pending.Offer.ConnectId));
        _offered.Remove((pending.From, pending.Slot));
        _slots.EndOffer(pending.Slot);
    }

    private int Draw(int below)
    {
        Span<byte> bytes = stackalloc byte[4];
        _random.Fill(bytes);
        return (int)(BinaryPrimitives.ReadUInt32LittleEndian(bytes) % (uint)below);
    }
}
