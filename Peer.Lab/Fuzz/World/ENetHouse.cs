using System.Net;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.World;

/// <summary>
/// An ENet host with its gate as a manager puts it together, and whom it knows: strangers who have got as far as the gate lets them. What it answers to them is never more than the laws allow.
/// </summary>
internal sealed class ENetHouse : IDisposable
{
    public const int Slots = 32;
    public const int MostPending = 4;

    private const long ConfirmTime = 10_000_000;
    private const long PartialBytes = 4 << 20;

    private readonly SeededSource _random = new(0xE9E7);
    private readonly ENetGate _gate;
    private readonly Dictionary<ushort, ENetEnd> _served = [];
    private readonly Dictionary<IPEndPoint, (long In, long Out)> _traffic = [];
    private readonly List<ushort> _over = [];
    private readonly byte[] _reply = new byte[ENetGate.MaxReplyLength];

    public ENetHouse(ENetSettings settings)
    {
        Settings = settings;
        _gate = new ENetGate(settings, _random, Slots, MostPending);
    }

    public ENetSettings Settings { get; }

    /// <summary>What all connections together may hold of messages that are not whole, or not due.</summary>
    public ByteBudget Partials { get; } = new(PartialBytes);

    /// <summary>Whoever was let in from an address last.</summary>
    public ENetEnd? ServedAt(IPEndPoint from)
    {
        ENetEnd? found = null;
        foreach (var end in _served.Values)
        {
            if (end.Remote.Equals(from))
                found = end;
        }

        return found;
    }

    /// <summary>Takes a datagram as the router and the manager do, and returns the gate's answer.</summary>
    public byte[] Receive(ReadOnlySpan<byte> datagram, IPEndPoint from, long now)
    {
        if (datagram.Length > ENetFormat.MaxMtu || !ENetHeader.TryReadPeer(datagram, out var slot))
            return [];
        if (slot == ENetFormat.NoPeer)
        {
            if (_gate.Read(datagram) is not { } request)
                return Answered(datagram, from, 0);
            return Answered(datagram, from, _gate.IsRepeated(request, from) ? _gate.Repeat(request, from, now, _reply) : _gate.Welcome(request, from, now, _reply) ?? 0);
        }

        if (!_served.TryGetValue(slot, out var end))
        {
            var confirmed = _gate.Confirm(datagram, from, now, _reply, out var length);
            if (confirmed is null || !_gate.Accept(confirmed))
                return Answered(datagram, from, length);
            end = new ENetEnd(Settings, from, Partials, (listener, budgets) => new ENetPeer(Settings, listener, budgets, confirmed, now));
            _served.Add(slot, end);
        }

        if (end.Remote.Equals(from))
            end.Peer.Receive(datagram, now);
        return [];
    }

    /// <summary>What time brings about; what leaves is given to whoever carries it. For somebody who sleeps no time passes meanwhile.</summary>
    public void Work(long now, Action<byte[], IPEndPoint> carry, IPEndPoint? asleep = null)
    {
        foreach (var (slot, end) in _served)
        {
            if (end.Remote.Equals(asleep))
                continue;
            end.Work(now, carry);
            end.Read();
            if (end.Peer.State == ENetState.Closed)
                _over.Add(slot);
        }

        foreach (var slot in _over)
        {
            _served.Remove(slot, out var end);
            end!.Dispose();
            _gate.Release(slot);
        }

        _over.Clear();
        _gate.Expire(now - ConfirmTime);
        BrokenLawException.Unless(_gate.Pending <= MostPending, "more strangers are remembered than may be");
    }

    public void Dispose()
    {
        foreach (var end in _served.Values)
            end.Dispose();
        BrokenLawException.Unless(Partials.Used == 0, "bytes stay reserved that all share");
        _gate.Dispose();
    }

    private byte[] Answered(ReadOnlySpan<byte> datagram, IPEndPoint from, int length)
    {
        var before = _traffic.GetValueOrDefault(from);
        var after = (In: before.In + datagram.Length, Out: before.Out + length);
        _traffic[from] = after;
        BrokenLawException.Unless(after.Out <= after.In, "a stranger is answered more than he sent");
        return length == 0 ? [] : _reply.AsSpan(0, length).ToArray();
    }
}
