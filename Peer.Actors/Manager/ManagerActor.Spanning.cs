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

    private readonly Dictionary<IActorRef, Gateway> _gateways = [];
    private readonly Dictionary<int, AfarPeer> _afar = [];
    private readonly DeadlineTimer _spanDue;
    private readonly DeadlineTimer _flushDue;
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
                _flushDue.Elapsed();
                FlushAll();
                return true;

            case AfarConsumed consumed:
                GiveCredit(consumed);
                return true;

            case SpanDue:
                _spanDue.Elapsed();
                Relink();
                return true;

            // What was said last may still wait for it.
            case SpanCredit credit when _hasParted && _gateways.TryGetValue(Sender, out var gateway) && gateway.IsOf(credit.Link):
                gateway.Acknowledge(credit.Total);
                return true;

            case ISpanMessage when !IsSpanning || _leaving is not null || _hasParted:
                return true;

            case SpanJoin or SpanWelcome or SpanOpen or SpanStray or SpanMoves when _isHandingOver:
                return true;

            case SpanMoves when Sender.Equals(HomeManager):
                PartForHome();
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

            case SpanStray stray:
                Strayed(stray);
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

    private int[] PeersHere() => [.. _peers.Values.Where(member => member.IsOpen).Select(member => member.Id)];

    private void Take(SpanBatch batch)
    {
        if (!_gateways.TryGetValue(Sender, out var gateway) || !gateway.IsOf(batch.Link))
        {
            Sender.Tell(new SpanStray(batch.Link));
            return;
        }

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

    /// <summary>Once for all that is gathered meanwhile. Akka's scheduler, where there is no strand, has too long a tick for it: then it is while other messages wait.</summary>
    private void FlushSoon()
    {
        if (_isFlushDue)
            return;
        _isFlushDue = true;
        var gather = (long)_runtime.Settings.Span.Gather.TotalMicroseconds;
        if (gather > 0 && _runtime.Lead is not null)
            _flushDue.Arm(_runtime.Clock.Now + gather);
        else
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
        {
            gateway.Flush();
            if (gateway.IsOverfull)
                _overflown.Add(gateway);
        }

        if (_overflown.Count > 0)
            FlushSoon();
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

    private sealed record FlushSpans : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static FlushSpans Instance { get; } = new();
    }

    private sealed record SpanDue : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static SpanDue Instance { get; } = new();
    }
}
