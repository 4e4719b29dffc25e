using System.Buffers.Binary;
using Akka.Actor;
using Akka.Event;
using MessagePack;
using Peer.Actors.Connections;
using Peer.Actors.Spanning;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>
/// A room that spans nodes: its home, which is peer 1, and gateways, each with peers of its own and a link to each other one. All news of a peer come from its own gateway
/// over one link, in order; so joins, packets and leaves keep their order everywhere.
/// </summary>
internal sealed partial class ManagerActor
{
    /// <summary>Classes of IDs: the home's and one for each gateway.</summary>
    private const int SpanSlots = 64;

    private const long SpanRetry = 1_000_000;

    private readonly Dictionary<IActorRef, Gateway> _gateways = [];
    private readonly Dictionary<int, AfarPeer> _afar = [];
    private readonly HashSet<IActorRef> _broken = [];
    private readonly DeadlineTimer _spanDue;
    private Gateway? _home;
    private int _slot;
    private int _nextSlot;

    private IActorRef? HomeManager => (_role as PeerRole.Server)?.Home;

    private bool IsSpanning => _role is PeerRole.Server { Spans: true } or PeerRole.Server { Home: not null };

    /// <summary>Whether there is somebody to be peer 1, and whoever is at another gateway is known.</summary>
    private bool IsLinked => HomeManager is null || (_home is { IsOpen: true } && _gateways.Values.All(gateway => gateway.IsOpen));

    private void JoinSpan(PeerRole.Server server)
    {
        if (!IsSpanning)
            return;
        if (_enet is not null)
        {
            Fail("a room that spans nodes cannot speak ENet, whose clients choose their own IDs");
            return;
        }

        if (server.Home is not null)
            AskHome();
    }

    private void AskHome()
    {
        HomeManager!.Tell(new SpanJoin(Room));
        _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
    }

    private bool Span(object message)
    {
        switch (message)
        {
            case FlushSpans:
                FlushAll();
                return true;

            case AfarConsumed consumed:
                GiveCredit(consumed);
                return true;

            case SpanDue:
                _spanDue.Elapsed();
                Relink();
                return true;

            case ISpanMessage when !IsSpanning || _leaving is not null:
                return true;

            case SpanBatch batch:
                Take(batch);
                return true;

            case SpanCredit credit when _gateways.TryGetValue(Sender, out var gateway) && gateway.IsOf(credit.Link):
                gateway.Acknowledge(credit.Total);
                return true;

            case SpanJoin join:
                Admit(join);
                return true;

            case SpanWelcome welcome when _home is null && Sender.Equals(HomeManager):
                Welcomed(welcome);
                return true;

            case SpanRefused refused when _home is null && Sender.Equals(HomeManager):
                Fail($"the room's home does not let this gateway in: {refused.Cause}");
                return true;

            case SpanOpen open:
                OpenLink(open);
                return true;

            case SpanBroken broken when _gateways.TryGetValue(Sender, out var gateway) && gateway.IsOf(broken.Link):
                Sever(gateway, broken.Cause);
                return true;

            case SpanEnd end when _home is not null && Sender.Equals(HomeManager):
                BeginLeaving(DisconnectInfo.Of((DisconnectReason)end.Reason, end.Text));
                return true;

            case ISpanMessage:
                return true;

            default:
                return false;
        }
    }

    private void Admit(SpanJoin join)
    {
        if (HomeManager is not null || join.Room != Room)
        {
            Sender.Tell(new SpanRefused("this is not the home of that room"));
            return;
        }

        if (!_gateways.TryGetValue(Sender, out var gateway))
        {
            if (FreeSlot() is not { } slot)
            {
                Sender.Tell(new SpanRefused("the room has all the gateways that it can have"));
                return;
            }

            gateway = Link(Sender, isHome: false, slot);
        }

        // Asked again: the answer was lost, or is still on its way.
        if (gateway.IsOpen)
            return;
        var provider = ((ExtendedActorSystem)Context.System).Provider;
        var others = _gateways.Keys.Where(other => !other.Equals(Sender)).Select(other => other.Path.ToSerializationFormatWithAddress(provider.DefaultAddress));
        Sender.Tell(new SpanWelcome(gateway.Slot, [.. others]));
        gateway.Open(PeersHere());
    }

    /// <summary>Round and round, so that the IDs of a gateway that is gone have long been given up when its class is granted again; none that somebody still has.</summary>
    private int? FreeSlot()
    {
        for (var tried = 1; tried < SpanSlots; tried++)
        {
            _nextSlot = (_nextSlot % (SpanSlots - 1)) + 1;
            var slot = _nextSlot;
            if (_gateways.Values.All(gateway => gateway.Slot != slot) && !_afar.Keys.Concat(_peers.Keys).Any(id => id % SpanSlots == slot))
                return slot;
        }

        return null;
    }

    private void Welcomed(SpanWelcome welcome)
    {
        _slot = welcome.Slot;
        _home = Link(Sender, isHome: true, 0);
        _home.Open(PeersHere());
        var provider = ((ExtendedActorSystem)Context.System).Provider;
        foreach (var path in welcome.Gateways)
        {
            var other = provider.ResolveActorRef(path);
            if (!other.Equals(Self) && !_gateways.ContainsKey(other))
                Link(other, isHome: false, 0).Open(PeersHere());
        }
    }

    private Gateway Link(IActorRef manager, bool isHome, int slot)
    {
        var gateway = new Gateway(
            manager, isHome, NewConnectionId() | 1, _runtime.Settings.Span.WindowBytes, _runtime.Settings.Span.QueueBytes) { Slot = slot };
        _gateways.Add(manager, gateway);
        Context.Watch(manager);
        _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
        return gateway;
    }

    private int[] PeersHere() => [.. _peers.Values.Where(member => member.IsOpen).Select(member => member.Id)];

    private void OpenLink(SpanOpen open)
    {
        var isNew = !_gateways.TryGetValue(Sender, out var gateway);
        gateway ??= Link(Sender, isHome: false, 0);
        _broken.Remove(Sender);
        if (!gateway.TryOpen(open.Link))
            return;
        if (isNew)
            gateway.Open(PeersHere());
        foreach (var peer in open.Peers)
            JoinAfar(gateway, peer, isReturn: true);
    }

    /// <summary>Says again what was not answered.</summary>
    private void Relink()
    {
        if (_leaving is not null)
            return;
        if (HomeManager is not null && _home is null)
        {
            AskHome();
            return;
        }

        foreach (var manager in _broken.ToArray())
        {
            if (!_gateways.ContainsKey(manager))
                Link(manager, isHome: false, 0).Open(PeersHere());
        }

        _broken.Clear();
        foreach (var gateway in _gateways.Values)
        {
            if (gateway.IsOpen || !gateway.IsUntouched)
                continue;
            gateway.Open(PeersHere());
            _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
        }
    }

    private void Take(SpanBatch batch)
    {
        if (!_gateways.TryGetValue(Sender, out var gateway) || !gateway.IsOf(batch.Link))
            return;
        if (!gateway.TryTake(batch, _runtime.Settings.MaxMessageBytes, out var items))
        {
            Break(gateway, "a batch was lost, or is longer than any can be");
            return;
        }

        if (items is not null)
        {
            try
            {
                SpanItems.Read(items, new SpanReading(this, gateway));
            }
            catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException)
            {
                Break(gateway, "a batch cannot be read");
                return;
            }
        }

        SendOutgoing();
        gateway.Report();
    }

    /// <summary>Once for all that is gathered while other messages wait.</summary>
    private void FlushSoon()
    {
        if (_isFlushDue)
            return;
        _isFlushDue = true;
        Self.Tell(FlushSpans.Instance);
    }

    private bool _isFlushDue;

    private void FlushAll()
    {
        _isFlushDue = false;
        foreach (var gateway in _overflown)
            Break(gateway, "the link does not keep up with what is relayed over it");
        _overflown.Clear();
        foreach (var gateway in _gateways.Values)
            gateway.Flush();
    }

    /// <summary>The other node is gone, or its manager.</summary>
    private bool LoseGateway(IActorRef manager)
    {
        _broken.Remove(manager);
        if (!_gateways.Remove(manager, out var gateway))
            return HomeManager is not null && manager.Equals(HomeManager);
        gateway.IsOver = true;
        if (_leaving is not null)
            return true;
        _log.Warning("The gateway {0} is gone, with {1} peers", manager.Path, gateway.Peers.Count);
        if (gateway.IsHome)
        {
            Abandon();
            return true;
        }

        if (gateway.Peers.Count == 0)
            return true;
        if (!IssuesTickets)
        {
            LoseOrphans();
            return true;
        }

        AwaitThem();
        foreach (var peer in gateway.Peers)
        {
            _afar[peer].SaidBefore = _said!.Entries.Count;
            if (_home is null)
                Announce(new PeerInterrupted(peer));
        }

        return true;
    }

    /// <summary>Without its home there is no room. Whatever takes the home's place finds the clients again by their tickets; a good-bye would send them away.</summary>
    private void Abandon()
    {
        _leaving = DisconnectInfo.Of(DisconnectReason.ShuttingDown, "the room's home is gone");
        foreach (var member in _members.Values)
            member.IsAbandoned = true;
        Context.Stop(Self);
    }

    private void LeaveSpan(DisconnectInfo info)
    {
        if (_home is not null)
            return;
        foreach (var gateway in _gateways.Values)
        {
            gateway.Flush();
            gateway.Manager.Tell(new SpanEnd((byte)info.Reason, info.Text));
        }
    }

    private void Break(Gateway gateway, string why)
    {
        if (gateway.IsOver)
            return;
        gateway.Break(why);
        Sever(gateway, why);
    }

    /// <summary>Both ends live and have lost each other: what is behind the link has left, and joins again when the link is made anew.</summary>
    private void Sever(Gateway gateway, string why)
    {
        _counters.LinksBroken++;
        Warn("The link to the gateway {0} is broken: {1}", gateway.Manager.Path, why);
        gateway.IsOver = true;
        _gateways.Remove(gateway.Manager);
        if (gateway.IsHome)
        {
            Abandon();
            return;
        }

        foreach (var peer in gateway.Peers.ToArray())
            LeaveAfar(peer, DisconnectInfo.Of(DisconnectReason.QueueOverflow, "the link to this peer's gateway is broken"));

        // Each end opens it anew; whoever is heard first has been answered.
        _broken.Add(gateway.Manager);
        _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
    }

    private sealed record FlushSpans : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static FlushSpans Instance { get; } = new();
    }

    private sealed record SpanDue : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static SpanDue Instance { get; } = new();
    }
}
