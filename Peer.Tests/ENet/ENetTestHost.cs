using System.Net;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Tests.ENet;

/// <summary>An ENet host out of the core's parts, as a manager puts them together: a gate, connections, and whatever carries datagrams.</summary>
internal sealed class ENetTestHost : IDisposable
{
    private readonly SeededSource _random;
    private readonly Dictionary<ushort, ENetTestPeer> _peers = [];
    private readonly ByteBudget _partials;
    private readonly byte[] _buffer = new byte[ENetFormat.MaxMtu * 16];

    public ENetTestHost(ENetSettings? settings = null, int slots = 64, ulong seed = 1, long partialBytes = 256 << 20, int? pending = null)
    {
        Settings = settings ?? ENetSettings.Default;
        _random = new SeededSource(seed);
        _partials = new ByteBudget(partialBytes);
        Gate = new ENetGate(Settings, _random, slots, pending ?? slots);
    }

    public ENetSettings Settings { get; }

    public ENetGate Gate { get; }

    public List<ENetTestPeer> Accepted { get; } = [];

    public IEnumerable<ENetTestPeer> Peers => _peers.Values;

    /// <summary>Limits of connections made from now on.</summary>
    public long UnreadBytes { get; set; } = 64 << 20;

    public long ReliablePartials { get; set; } = 64 << 20;

    /// <summary>Called when a connection opens, before anything of it is handed up.</summary>
    public Action<ENetTestPeer>? Opened { get; set; }

    /// <summary>When set, nobody is let in, and this is called for each.</summary>
    public Action? Refuses { get; set; }

    public ENetTestPeer Connect(IPEndPoint to, int channels, uint data, long now)
    {
        var connectId = (uint)_random.Next();
        var slot = Gate.Take(to, connectId) ?? throw new InvalidOperationException("no slot");
        var peer = new ENetTestPeer(to);
        peer.Peer = new ENetPeer(Settings, peer, Budgets(), slot, connectId, channels, data, now);
        _peers.Add(slot, peer);
        return peer;
    }

    public void Receive(ReadOnlySpan<byte> datagram, IPEndPoint from, long now, Action<byte[], IPEndPoint> send)
    {
        if (!ENetHeader.TryReadPeer(datagram, out var slot))
            return;
        Span<byte> reply = stackalloc byte[ENetGate.MaxReplyLength];
        if (slot == ENetFormat.NoPeer)
        {
            if (Gate.Read(datagram) is not { } request)
                return;
            if (Refuses is { } refuses)
            {
                refuses();
                send(reply[..Gate.Refuse(request, reply)].ToArray(), from);
                return;
            }

            var length = Gate.IsRepeated(request, from) ? Gate.Repeat(request, from, now, reply) : Gate.Welcome(request, from, now, reply) ?? 0;
            if (length > 0)
                send(reply[..length].ToArray(), from);
            return;
        }

        if (!_peers.TryGetValue(slot, out var peer))
        {
            var confirmed = Gate.Confirm(datagram, from, now, reply, out var length);
            if (length > 0)
                send(reply[..length].ToArray(), from);
            if (confirmed is null || !Gate.Accept(confirmed))
                return;
            peer = new ENetTestPeer(from);
            peer.Peer = new ENetPeer(Settings, peer, Budgets(), confirmed, now);
            _peers.Add(slot, peer);
            Accepted.Add(peer);
        }

        if (!peer.Remote.Equals(from))
            return;
        if (!peer.HasOpened && peer.Peer.State == ENetState.Connected)
            Open(peer);
        peer.Peer.Receive(datagram, now);
        if (!peer.HasOpened && peer.Peer.State == ENetState.Connected)
            Open(peer);
    }

    public void Transmit(long now, Action<byte[], IPEndPoint> send)
    {
        foreach (var (slot, peer) in _peers)
        {
            peer.Peer.HandleTimeout(now);
            int length;
            while ((length = peer.Peer.Transmit(now, _buffer, out var segment)) > 0)
            {
                for (var at = 0; at < length; at += segment)
                    send(_buffer.AsSpan(at, Math.Min(segment, length - at)).ToArray(), peer.Remote);
            }

            if (peer.Peer.State != ENetState.Closed)
                continue;
            Gate.Release(slot);
            _peers.Remove(slot);
        }

        Gate.Expire(now - 10_000_000);
    }

    public long NextTimeout(long now) => _peers.Values.Select(peer => peer.Peer.NextTimeout(now)).DefaultIfEmpty(long.MaxValue).Min();

    public long PartialBytes => _partials.Used;

    public void Dispose()
    {
        foreach (var peer in _peers.Values)
            peer.Peer.Dispose();
        Gate.Dispose();
    }

    private ENetBudgets Budgets() => new(new ByteBudget(ReliablePartials, _partials), new ByteBudget(1 << 20, _partials), UnreadBytes);

    private void Open(ENetTestPeer peer)
    {
        peer.HasOpened = true;
        Opened?.Invoke(peer);
    }
}

/// <summary>One end of a connection, and what it has received.</summary>
internal sealed class ENetTestPeer(IPEndPoint remote) : IENetListener
{
    public IPEndPoint Remote => remote;

    public ENetPeer Peer { get; set; } = null!;

    public bool HasOpened { get; set; }

    public List<(byte Channel, ENetDelivery Delivery, byte[] Payload)> Taken { get; } = [];

    /// <summary>Whether the reader takes what arrives.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>Instead of keeping what arrives.</summary>
    public Action<ENetTestPeer, byte, ENetDelivery, byte[]>? OnReceived { get; set; }

    public long Unread { get; private set; }

    public int Received(byte channel, ENetDelivery delivery, ReadOnlySpan<byte> payload)
    {
        if (OnReceived is { } handler)
            handler(this, channel, delivery, payload.ToArray());
        else
            Taken.Add((channel, delivery, payload.ToArray()));
        if (Reads || delivery != ENetDelivery.Reliable)
            return 0;
        Unread += payload.Length;
        return payload.Length;
    }

    public void ReadAll()
    {
        Peer.Consumed(Unread);
        Unread = 0;
    }

    public bool Send(byte channel, ENetDelivery delivery, byte[] payload) => Peer.Send(channel, delivery, new PacketContent(payload, null));
}
