using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Actors.Spanning;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Peers at other gateways of a spanning room: who they are, what goes to them, what comes from them.</summary>
internal sealed partial class ManagerActor
{
    private readonly List<Gateway> _overflown = [];

    /// <summary>Peers that two gateways have at once, and the second one.</summary>
    private readonly Dictionary<int, Gateway> _rivals = [];

    /// <summary>A run to everybody afar whom the target reaches, once for each gateway.</summary>
    private void SendAfar(int sender, int target, SequenceKey key, int messages, ReadOnlySpan<byte> bytes, int credit)
    {
        foreach (var gateway in _gateways.Values)
        {
            if (gateway.IsReached(target))
                SendTo(gateway, sender, target, key, messages, bytes, gateway.IsHome && Target.Reaches(target, PeerIds.Server) ? credit : 0);
        }
    }

    private void SendTo(Gateway gateway, int sender, int target, SequenceKey key, int messages, ReadOnlySpan<byte> bytes, int credit)
    {
        if (gateway.HasRoomFor(key, bytes.Length))
            gateway.AddRun(sender, target, key, messages, credit, bytes);
        else if (key.Mode != TransferMode.Reliable)
            _counters.DroppedUnreliable += messages;
        else if (!_overflown.Contains(gateway))
            _overflown.Add(gateway);
        FlushSoon();
    }

    /// <summary>Our own run to one peer.</summary>
    private void RouteAfar(AfarPeer peer, int target, Run run)
    {
        if (peer.IsLost)
            Remember(null, target, run);
        else
            SendTo(peer.Gateway, PeerIds.Server, target, run.Key, run.Messages, run.Bytes.Span, 0);
    }

    private bool IsAfarBusy(int target, int bytes)
    {
        foreach (var gateway in _gateways.Values)
        {
            if (gateway.IsReached(target) && gateway.Gauge.QueuedBytes + bytes > gateway.Gauge.LimitBytes)
                return true;
        }

        return false;
    }

    /// <summary>Whether a peer of that ID is connected at another gateway.</summary>
    private bool IsElsewhere(int peer) => _afar.TryGetValue(peer, out var afar) && !afar.IsLost;

    /// <summary>A peer has joined here, or come back.</summary>
    private void TellAfar(Member member)
    {
        // It may have been at a gateway that is gone.
        if (_afar.Remove(member.Id, out var orphan))
        {
            orphan.Gateway.Peers.Remove(member.Id);
            member.SaidBefore = orphan.SaidBefore;
            if (_home is null)
                Announce(new PeerRestarted(member.Id) { Gauge = member.Gauge });
        }

        foreach (var gateway in _gateways.Values)
        {
            SpanItems.WritePeer(gateway.Items, member.Adopted is null ? SpanItems.Joined : SpanItems.Returned, member.Id);
            if (member.Adopted is not null)
                (member.AwaitedFrom ??= []).Add(gateway);
        }

        if (_gateways.Count > 0)
            FlushSoon();
    }

    private void TellAfarLeft(int peer, DisconnectInfo info)
    {
        foreach (var gateway in _gateways.Values)
            SpanItems.WriteLeft(gateway.Items, peer, info);
        if (_gateways.Count > 0)
            FlushSoon();
    }

    /// <summary>Who is afar, for a newcomer's roster.</summary>
    private void AddAfar(Member newcomer, List<int> others, List<int> returned)
    {
        var known = newcomer.Adopted is null ? others : returned;
        foreach (var peer in _afar.Keys)
        {
            if (peer != newcomer.Id)
                known.Add(peer);
        }
    }

    private void TellAfar(IActorRef subscriber)
    {
        if (_home is not null)
            return;
        foreach (var peer in _afar.Values)
            subscriber.Tell(new PeerConnected(peer.Id) { Gauge = peer.Gateway.Gauge });
    }

    private void KickAfar(AfarPeer peer, Kick kick)
    {
        if (peer.IsLost)
        {
            LeaveAfar(peer.Id, new DisconnectInfo(DisconnectReason.Kicked, kick.Text, kick.Payload));
            return;
        }

        SpanItems.WriteKick(peer.Gateway.Items, kick);
        FlushSoon();
    }

    private void GiveCredit(AfarConsumed consumed)
    {
        if (!_afar.TryGetValue(consumed.Peer, out var peer) || peer.IsLost)
            return;
        SpanItems.WriteCredit(peer.Gateway.Items, consumed.Peer, consumed.Bytes);
        FlushSoon();
    }

    private void JoinAfar(Gateway gateway, int id, bool isReturn)
    {
        var wasLost = _afar.TryGetValue(id, out var before) && before.IsLost;
        if (id < PeerIds.FirstClient || before?.Gateway == gateway || IsRival(gateway, id, before))
            return;

        _afar[id] = new AfarPeer(id, gateway, Self, Math.Min(256 << 10, _runtime.Settings.Link.ReceiveWindow / 8));
        gateway.Peers.Add(id);
        before?.Gateway.Peers.Remove(id);
        if (_home is null)
            Announce(wasLost ? new PeerRestarted(id) { Gauge = gateway.Gauge } : new PeerConnected(id) { HasReturned = isReturn, Gauge = gateway.Gauge });
        if (!_runtime.Settings.Server.Relay)
            return;
        var news = ControlCodec.Encode(isReturn ? new PeersReturned([id]) : new PeersJoined([id]));
        foreach (var member in _peers.Values)
        {
            if (member.IsOpen)
                TellControl(member, news);
        }
    }

    /// <summary>
    /// One ticket was proved at two gateways at once. The one whose path comes first keeps the peer, the other ends it and says so to all; whoever looks on waits for that.
    /// </summary>
    private bool IsRival(Gateway gateway, int id, AfarPeer? before)
    {
        if (_peers.TryGetValue(id, out var here) && here.IsOpen)
        {
            if (Outranks(gateway))
                return true;
            Expel(here);
            return false;
        }

        if (before is null or { IsLost: true })
            return false;
        _rivals[id] = gateway;
        return true;
    }

    private bool Outranks(Gateway gateway)
    {
        var own = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress;
        return string.CompareOrdinal(Self.Path.ToSerializationFormatWithAddress(own), gateway.Manager.Path.ToSerializationFormatWithAddress(own)) < 0;
    }

    private void LeftAfar(Gateway gateway, int id, DisconnectInfo info)
    {
        if (_rivals.TryGetValue(id, out var rival) && (rival == gateway || gateway.Peers.Contains(id)))
            _rivals.Remove(id);
        if (!gateway.Peers.Contains(id))
            return;
        LeaveAfar(id, info);
        if (rival is { IsOver: false } && rival != gateway)
            JoinAfar(rival, id, isReturn: true);
    }

    private void LeaveAfar(int id, DisconnectInfo info)
    {
        if (!_afar.Remove(id, out var peer))
            return;
        peer.Gateway.Peers.Remove(id);
        if (_home is null)
            Announce(new PeerDisconnected(id, info));
        TellLeft(id, info);
    }

    /// <summary>Peers of gateways that are gone have had their time.</summary>
    private void LoseOrphans()
    {
        foreach (var peer in _afar.Values.Where(peer => peer.IsLost).ToArray())
            LeaveAfar(peer.Id, DisconnectInfo.Of(DisconnectReason.Timeout, "its gateway is gone, and it did not come back by another one"));
    }

    /// <summary>A peer has come back at another gateway: first what waited for it here, then the word that this is all.</summary>
    private void CatchUp(Gateway gateway, int id, int saidBefore)
    {
        foreach (var (sender, target, run) in _said?.Entries.Skip(saidBefore) ?? [])
        {
            if (sender?.Id != id && Target.Reaches(target, id) && (sender is null || !sender.IsGone || sender.Adopted is not null))
                SendTo(gateway, sender?.Id ?? PeerIds.Server, id, run.Key, run.Messages, run.Bytes.Span, 0);
        }

        SpanItems.WritePeer(gateway.Items, SpanItems.CaughtUp, id);
        FlushSoon();
    }

    /// <summary>A run from another gateway, for the server if that is here, and for peers here; never for a third gateway.</summary>
    private void ArriveFromAfar(Gateway gateway, int sender, int target, in DeliveredRun run)
    {
        var peer = _afar.GetValueOrDefault(sender);
        if ((sender == PeerIds.Server ? !gateway.IsHome : peer?.Gateway != gateway) || run.Key.IsControl || !Enum.IsDefined(run.Key.Mode))
        {
            _counters.UnknownTarget += run.Messages;
            run.Release();
            return;
        }

        run.Owner?.Retain();
        if (_home is null && Target.Reaches(target, PeerIds.Server))
            Deliver(sender, run, peer);
        else
            run.Release();
        RelayHere(gateway, sender, target, run);
        run.Release();
    }

    private void RelayHere(Gateway gateway, int sender, int target, in DeliveredRun run)
    {
        int? said = sender == PeerIds.Server ? null : sender;
        if (target > 0)
        {
            if (_peers.TryGetValue(target, out var member) && member.IsOpen)
                RelayTo(member, said, run);
            else if (target != PeerIds.Server)
                _counters.UnknownTarget += run.Messages;
            return;
        }

        foreach (var member in _peers.Values)
        {
            if (member.IsOpen && Target.Reaches(target, member.Id) && member.AwaitedFrom?.Contains(gateway) != true)
                RelayTo(member, said, run);
        }
    }

    /// <summary>Takes the items of one gateway.</summary>
    private sealed class SpanReading(ManagerActor manager, Gateway gateway) : ISpanReader
    {
        public void Run(int sender, int target, in DeliveredRun run) => manager.ArriveFromAfar(gateway, sender, target, run);

        public void Joined(int peer) => manager.JoinAfar(gateway, peer, isReturn: false);

        public void Left(int peer, DisconnectInfo info) => manager.LeftAfar(gateway, peer, info);

        public void Credit(int peer, long bytes)
        {
            if (manager._peers.TryGetValue(peer, out var member) && gateway.IsHome)
                member.Credit.Consumed((int)Math.Min(bytes, int.MaxValue));
        }

        public void Kick(Kick kick)
        {
            if (gateway.IsHome)
                manager.Disconnect(kick);
        }

        public void Returned(int peer)
        {
            var saidBefore = manager._afar.GetValueOrDefault(peer)?.SaidBefore ?? 0;
            manager.JoinAfar(gateway, peer, isReturn: true);
            manager.CatchUp(gateway, peer, saidBefore);
        }

        public void Parted() => manager.Lose(gateway);

        public void CaughtUp(int peer)
        {
            if (manager._peers.TryGetValue(peer, out var member))
                member.AwaitedFrom?.Remove(gateway);
        }
    }
}
