using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.TestKit.Time;

namespace Peer.TestKit.Network;

/// <summary>The links between all hosts, and the sockets on them.</summary>
public sealed class SimulatedNetwork
{
    private const int FirstFreePort = 40_000;

    private readonly EventQueue _events;
    private readonly SeededSource _random;
    private readonly Dictionary<IPEndPoint, SimulatedSocket> _sockets = [];
    private readonly Dictionary<(IPAddress From, IPAddress To), SimulatedLink> _links = [];
    private int _freePort = FirstFreePort;

    internal SimulatedNetwork(EventQueue events, SeededSource random)
    {
        _events = events;
        _random = random;
    }

    /// <summary>A digest of every datagram's time, way and fate so far: the same for the same seed, on any machine.</summary>
    public ulong TraceHash { get; private set; } = 14695981039346656037;

    /// <summary>Datagrams sent.</summary>
    public long Datagrams { get; private set; }

    /// <summary>Told of each datagram: for timelines.</summary>
    public event Action<Transit>? Carried;

    /// <summary>Conditions of links about which nothing else was said.</summary>
    public LinkConditions Default { get; set; } = LinkConditions.Lan;

    /// <summary>Conditions of one direction.</summary>
    public void Set(SimulatedHost from, SimulatedHost to, LinkConditions conditions)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        LinkOf(from.Address, to.Address).Conditions = conditions;
    }

    /// <summary>Conditions of both directions.</summary>
    public void SetBoth(SimulatedHost one, SimulatedHost other, LinkConditions conditions)
    {
        Set(one, other, conditions);
        Set(other, one, conditions);
    }

    internal Props TransportProps(IPEndPoint bind, TransportCounters counters, IngressGauge strangers) =>
        Props.Create(() => new SimulatedTransport(this, bind, counters, strangers));

    /// <summary>Binds a socket; null when the port is taken.</summary>
    internal SimulatedSocket? Bind(IPEndPoint wanted, Action<Memory<byte>, IPEndPoint> arrived)
    {
        var local = wanted.Port != 0 ? wanted : new IPEndPoint(wanted.Address, _freePort++);
        var socket = new SimulatedSocket(this, local, arrived);
        return _sockets.TryAdd(local, socket) ? socket : null;
    }

    internal void Unbind(SimulatedSocket socket)
    {
        if (_sockets.TryGetValue(socket.Local, out var bound) && bound == socket)
            _sockets.Remove(socket.Local);
    }

    /// <summary>The sender's address as the world sees it changes, as behind a NAT that forgot.</summary>
    internal void Rebind(SimulatedSocket socket)
    {
        Unbind(socket);
        socket.Local = new IPEndPoint(socket.Local.Address, _freePort++);
        _sockets.Add(socket.Local, socket);
    }

    internal void Send(SimulatedSocket from, ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        Datagrams++;
        var link = LinkOf(from.Local.Address, to.Address);
        var now = _events.Time.Now;
        var arrives = link.Carry(now, datagram.Length, out var second, out var flipped);
        Note(now, arrives, datagram.Length, from.Local, to);
        if (arrives < 0)
            return;
        var copy = datagram.ToArray();
        if (flipped >= 0)
            copy[flipped / 8] ^= (byte)(1 << (flipped % 8));
        Plan(arrives, copy, from.Local, to);
        if (second >= 0)
            Plan(second, copy.ToArray(), from.Local, to);
    }

    private void Plan(long arrives, byte[] datagram, IPEndPoint from, IPEndPoint to) => _events.At(arrives, () =>
    {
        if (_sockets.TryGetValue(to, out var socket))
            socket.Arrived(datagram, from);
    });

    private SimulatedLink LinkOf(IPAddress from, IPAddress to)
    {
        if (!_links.TryGetValue((from, to), out var link))
            _links.Add((from, to), link = new SimulatedLink(_random) { Conditions = Default });
        return link;
    }

    private void Note(long now, long arrives, int length, IPEndPoint from, IPEndPoint to)
    {
        Mix((ulong)now);
        Mix((ulong)arrives);
        Mix((ulong)length);
        Mix(((ulong)(uint)from.Port << 32) | (uint)to.Port);
        Carried?.Invoke(new Transit(now, arrives, length, from, to));
    }

    private void Mix(ulong value) => TraceHash = (TraceHash ^ value) * 1099511628211;
}

/// <summary>One datagram's way.</summary>
/// <param name="SentAt">When it left, microseconds.</param>
/// <param name="ArrivesAt">When it arrives, or a <see cref="Fate"/> below zero.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="From">Its sender.</param>
/// <param name="To">Its receiver.</param>
public readonly record struct Transit(long SentAt, long ArrivesAt, int Length, IPEndPoint From, IPEndPoint To)
{
    /// <summary>What became of it.</summary>
    public Fate Fate => ArrivesAt < 0 ? (Fate)ArrivesAt : Fate.Arrived;
}
