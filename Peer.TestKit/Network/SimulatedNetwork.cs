using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.TestKit.Time;

namespace Peer.TestKit.Network;

/// <summary>The links between all hosts, and the sockets on them. IPv4 alone.</summary>
public sealed partial class SimulatedNetwork
{
    private readonly EventQueue _events;
    private readonly ulong _seed;
    private readonly TraceDigest _trace;
    private readonly Dictionary<(IPAddress From, IPAddress To), SimulatedLink> _links = [];

    internal SimulatedNetwork(EventQueue events, ulong seed, TraceDigest trace)
    {
        _events = events;
        _seed = seed;
        _trace = trace;
    }

    /// <summary>Datagrams sent.</summary>
    public long Datagrams { get; private set; }

    /// <summary>Told of each datagram when it is sent, once: for timelines.</summary>
    public event Action<Transit>? Carried;

    /// <summary>
    /// Told of each datagram that comes to the end of its way, twice for one that was duplicated: <see cref="Fate.Arrived"/>, or what became of it there.
    /// </summary>
    public event Action<Transit>? Landed;

    /// <summary>Conditions of links about which nothing else was said; a change holds for all of them from then on.</summary>
    public LinkConditions Default { get; set; } = LinkConditions.Lan;

    /// <summary>Sets the conditions of one direction.</summary>
    /// <param name="from">The sending host.</param>
    /// <param name="to">The receiving host.</param>
    /// <param name="conditions">The conditions; null for the <see cref="Default"/> again.</param>
    public void Set(SimulatedHost from, SimulatedHost to, LinkConditions? conditions) => LinkOf(from, to).Own = conditions;

    /// <summary>Sets the conditions of both directions.</summary>
    /// <param name="one">A host.</param>
    /// <param name="other">Another.</param>
    /// <param name="conditions">The conditions; null for the <see cref="Default"/> again.</param>
    public void SetBoth(SimulatedHost one, SimulatedHost other, LinkConditions? conditions)
    {
        Set(one, other, conditions);
        Set(other, one, conditions);
    }

    /// <summary>The conditions of one direction, whether a partition lies between or not.</summary>
    public LinkConditions ConditionsOf(SimulatedHost from, SimulatedHost to) => LinkOf(from, to).Own ?? Default;

    /// <summary>
    /// Nothing passes between the two sides any more; links within a side, and their other conditions, stay as they are. Partitions add up until <see cref="Heal"/>.
    /// </summary>
    /// <param name="one">Hosts of one side.</param>
    /// <param name="other">Hosts of the other side.</param>
    /// <param name="oneWay">Only what the first side sends is lost.</param>
    public void Partition(IEnumerable<SimulatedHost> one, IEnumerable<SimulatedHost> other, bool oneWay = false)
    {
        ArgumentNullException.ThrowIfNull(one);
        SimulatedHost[] others = [.. other];
        foreach (var from in one)
        {
            foreach (var to in others)
            {
                LinkOf(from, to).IsCut = true;
                if (!oneWay)
                    LinkOf(to, from).IsCut = true;
            }
        }
    }

    /// <summary>Ends all partitions.</summary>
    public void Heal()
    {
        foreach (var link in _links.Values)
            link.IsCut = false;
    }

    /// <summary>Whether a partition keeps the one from reaching the other.</summary>
    public bool IsCut(SimulatedHost from, SimulatedHost to) => LinkOf(from, to).IsCut;

    internal Props TransportProps(SimulatedHost? host, IPEndPoint bind, TransportCounters counters, IngressGauge strangers, Wire wire)
    {
        var props = Props.Create(() => new SimulatedTransport(this, host, bind, counters, strangers, wire));
        return host is null ? props : props.WithDispatcher(host.DispatcherId);
    }

    internal void Send(SimulatedSocket from, ReadOnlySpan<byte> datagram, IPEndPoint to)
    {
        Datagrams++;
        var link = LinkOf(from.Public.Address, to.Address);
        var now = _events.Time.Now;
        var arrives = link.Carry(link.Own ?? Default, now, datagram.Length, out var second, out var flipped);
        var transit = new Transit(now, arrives, datagram.Length, from.Public, to);
        Note(transit);
        Carried?.Invoke(transit);
        if (arrives < 0)
            return;
        var copy = datagram.ToArray();
        if (flipped >= 0)
            copy[flipped / 8] ^= (byte)(1 << (flipped % 8));
        Plan(copy, transit);
        if (second >= 0)
            Plan(copy.ToArray(), transit with { ArrivesAt = second });
    }

    private void Plan(byte[] datagram, Transit transit) => _events.At(transit.ArrivesAt, () =>
    {
        var fate = _public.TryGetValue(transit.To, out var socket) ? socket.Arrived(datagram, transit.From) : Fate.Nobody;
        if (fate != Fate.Arrived)
            Note(transit with { ArrivesAt = (long)fate });
        Landed?.Invoke(fate == Fate.Arrived ? transit : transit with { ArrivesAt = (long)fate });
    });

    private SimulatedLink LinkOf(SimulatedHost from, SimulatedHost to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        return LinkOf(from.Address, to.Address);
    }

    // Each link draws from a stream of its own: what happens on one changes nothing on the others.
    private SimulatedLink LinkOf(IPAddress from, IPAddress to)
    {
        if (!_links.TryGetValue((from, to), out var link))
            _links.Add((from, to), link = new SimulatedLink(new SeededSource(_seed ^ SeededSource.Hash($"{from}>{to}"))));
        return link;
    }

    private void Note(in Transit transit)
    {
        _trace.Mix((ulong)transit.SentAt);
        _trace.Mix((ulong)transit.ArrivesAt);
        _trace.Mix((ulong)transit.Length);
        _trace.Mix(((ulong)(uint)transit.From.Port << 32) | (uint)transit.To.Port);
    }
}
