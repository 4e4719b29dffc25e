using Akka.Actor;
using Akka.Event;
using Peer.Actors.Spanning;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>
/// Links between the managers of a spanning room: made, given up and made anew. A link consists of a half at each end, and each half is good for one link. So whatever
/// is still under way from a link that was given up, an opening that was said again among it, is not taken for the next one's.
/// </summary>
internal sealed partial class ManagerActor
{
    private const long SpanRetry = 1_000_000;

    /// <summary>Those with whom a link is to be made anew.</summary>
    private readonly HashSet<IActorRef> _broken = [];

    /// <summary>The newest half of each other end.</summary>
    private readonly Dictionary<IActorRef, ulong> _heardOf = [];

    private Gateway Link(IActorRef manager, bool isHome, int slot)
    {
        var gateway = new Gateway(
            manager, isHome, NewConnectionId() | 1, _runtime.Settings.Span.WindowBytes, _runtime.Settings.Span.QueueBytes) { Slot = slot };
        _gateways.Add(manager, gateway);
        Context.Watch(manager);
        _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
        return gateway;
    }

    private void OpenLink(SpanOpen open)
    {
        var gateway = _gateways.GetValueOrDefault(Sender);
        if (gateway?.IsOf(open.Link) == true)
        {
            // Said again by one who has not had the answer.
            if (open.Answers == 0)
                gateway.Open(PeersHere());
            return;
        }

        // Of a link that is over here: the other end will hear so, or has, and begins anew.
        if (open.Answers == 0 ? open.Link == _heardOf.GetValueOrDefault(Sender) : open.Answers != gateway?.Link)
            return;
        if (gateway is { IsOpen: true })
        {
            Sever(gateway, "the other end has begun anew");
            if (_leaving is not null || open.Answers != 0)
                return;
            gateway = null;
        }

        // The home has links with those alone whom it has let in.
        if (gateway is null && HomeManager is null)
            Sender.Tell(new SpanStray(open.Link));
        else
            Complete(gateway ?? Link(Sender, isHome: false, 0), open, isFirst: gateway is null);
    }

    /// <summary>Both halves are known here.</summary>
    private void Complete(Gateway gateway, SpanOpen open, bool isFirst)
    {
        _broken.Remove(Sender);
        _heardOf[Sender] = open.Link;
        gateway.Opened(open.Link);
        if (isFirst)
            gateway.Open(PeersHere());
        foreach (var peer in open.Peers)
            JoinAfar(gateway, peer, isReturn: true);
        TellLinked();
    }

    private bool _isLinkTold;

    private void TellLinked()
    {
        if (_isLinkTold || HomeManager is null || !IsLinked)
            return;
        _isLinkTold = true;
        Announce(GatewayLinked.Instance);
    }

    /// <summary>Says again what was not answered.</summary>
    private void Relink()
    {
        if (_isHandingOver)
        {
            GiveUpGateways();
            return;
        }

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
                Link(manager, isHome: false, 0);
        }

        _broken.Clear();
        foreach (var gateway in _gateways.Values)
        {
            if (gateway.IsOpen)
                continue;
            gateway.Open(PeersHere());
            _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
        }
    }

    private void Break(Gateway gateway, string why)
    {
        if (gateway.IsOver)
            return;
        gateway.Break(why);
        Sever(gateway, why);
    }

    /// <summary>The other end knows nothing of this one's half.</summary>
    private void Strayed(SpanStray stray)
    {
        // One that is not open is said again.
        if (_gateways.TryGetValue(Sender, out var gateway) && gateway.Link == stray.Link && (gateway.IsOpen || gateway.IsHome))
            Sever(gateway, "the other end has given it up");
    }

    /// <summary>
    /// Both ends live and have lost each other: what is behind the link has left, and joins again when the link is made anew. Between a gateway and its home nothing may be
    /// missing, so that gateway is lost, and says no more.
    /// </summary>
    private void Sever(Gateway gateway, string why)
    {
        _counters.LinksBroken++;
        Warn("The link to the gateway {0} is broken: {1}", gateway.Manager.Path, why);
        if (gateway.IsHome || HomeManager is null)
        {
            Lose(gateway);
            return;
        }

        gateway.IsOver = true;
        _gateways.Remove(gateway.Manager);
        foreach (var peer in gateway.Peers.ToArray())
            LeaveAfar(peer, DisconnectInfo.Of(DisconnectReason.QueueOverflow, "the link to this peer's gateway is broken"));

        // Each end begins anew; whoever is heard first is answered.
        _broken.Add(gateway.Manager);
        _spanDue.Arm(_runtime.Clock.Now + SpanRetry);
    }

    /// <summary>The other node is gone, or its manager.</summary>
    private bool LoseGateway(IActorRef manager)
    {
        _broken.Remove(manager);
        var isKnown = _heardOf.Remove(manager);
        if (_gateways.TryGetValue(manager, out var gateway))
            Lose(gateway);
        else if (!isKnown)
            return HomeManager is not null && manager.Equals(HomeManager);
        return true;
    }

    private void Lose(Gateway gateway)
    {
        gateway.IsOver = true;
        _gateways.Remove(gateway.Manager);
        if (_leaving is not null || _hasParted)
            return;
        _log.Warning("The gateway {0} is gone, with {1} peers", gateway.Manager.Path, gateway.Peers.Count);
        if (gateway.IsHome)
        {
            Abandon();
            return;
        }

        AwaitPeersOf(gateway);
        TellLinked();
        if (_isHandingOver && HomeManager is null && _freezing.Count == 0)
            AllFroze();
    }

    private void AwaitPeersOf(Gateway gateway)
    {
        if (gateway.Peers.Count == 0)
            return;
        if (!IssuesTickets)
        {
            LoseOrphans();
            return;
        }

        AwaitThem();
        foreach (var peer in gateway.Peers.ToArray())
        {
            _afar[peer].SaidBefore = _said!.Entries.Count;

            // It may be back already where this was heard earlier.
            if (_rivals.Remove(peer, out var other) && !other.IsOver && other != gateway)
                JoinAfar(other, peer, isReturn: true);
            else if (_home is null && !_isHandingOver)
                Announce(new PeerInterrupted(peer));
        }
    }

    /// <summary>Without its home there is no room. Whatever takes the home's place finds the clients again by their tickets; a good-bye would send them away.</summary>
    private void Abandon()
    {
        _leaving = DisconnectInfo.Of(DisconnectReason.ShuttingDown, "the room's home is gone");
        foreach (var member in _members.Values)
            member.IsAbandoned = true;
        Context.Stop(Self);
    }
}
