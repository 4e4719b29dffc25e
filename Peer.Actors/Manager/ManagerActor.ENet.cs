using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.ENet;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Admission;
using Peer.Protocol.ENet;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Members that speak ENet: the same room and the same rules, another door.</summary>
internal sealed partial class ManagerActor
{
    private readonly ENetPort? _enet;

    private ENetPort? NewENetPort()
    {
        if (_role.ENet is not { } options)
            return null;
        var bind = (_role as PeerRole.Server)?.ENetBind;
        return new ENetPort(options, bind, bind is null ? null : new ManagerPort(_runtime, Context), _runtime);
    }

    private bool AdministerENet(object message)
    {
        switch (message)
        {
            case ENetTick:
                _enetTick.Elapsed();
                TickENet();
                return true;

            case ENetDecided decided:
                Decided(decided);
                return true;

            case SetPeerTimeout set:
                if (_peers.TryGetValue(set.Peer, out var member) && member.Guest is not null)
                    member.Connection.Tell(new UseTimeouts(new ENetTimeouts((uint)set.Limit, (uint)set.Minimum.TotalMilliseconds, (uint)set.Maximum.TotalMilliseconds)));
                return true;

            default:
                return false;
        }
    }

    private PeerCounters WithENet(PeerCounters counters) => _enet is not { } enet ? counters : counters with
    {
        HalfOpen = counters.HalfOpen + enet.Gate.Pending + enet.Applicants.Count,
        PartialBytes = counters.PartialBytes + enet.Partials.Used,
        RelayRefused = counters.RelayRefused + enet.NotRelayed.Value,
        ENetForged = enet.Forged.Value,
    };

    private void DialENet(int peer, IReadOnlyList<IPEndPoint> endpoints, int ownId, int expected)
    {
        var enet = _enet!;
        Span<byte> drawn = stackalloc byte[4];
        _runtime.Random.Fill(drawn);
        if (enet.Gate.Take(endpoints[0], BitConverter.ToUInt32(drawn)) is not { } slot)
        {
            _log.Warning("Peer {0} was not dialled: all slots are taken", expected);
            return;
        }

        var now = _runtime.Clock.Now;
        var member = NewMember(peer, isDialling: true, new ENetGuest(endpoints[0], null, slot));
        Adopt(member, ENetConnection.Dialling(member, enet, PortOfENet.Transport, PortOfENet.Sender!, _runtime, new ENetDial(endpoints, ownId, expected)), $"connection-{expected}");
        Occupy(enet, member, now);
    }

    private void Occupy(ENetPort enet, Member member, long now)
    {
        enet.Slots.Add(member.Connection, member.Guest!.Slot);
        enet.HasChanged = true;
        ArmENet(now);
    }

    private void ReleaseSlot(IActorRef connection)
    {
        if (_enet is not { } enet || !enet.Slots.Remove(connection, out var slot))
            return;
        enet.Gate.Release(slot);
        enet.HasChanged = true;
    }

    private void ForgetGuest(Member member)
    {
        if (member.Guest is { Source: { } source })
            _limits.Peers.Leave(source);
    }

    private void PutOutGuests(AddressPrefix network)
    {
        foreach (var member in _members.Values)
        {
            if (member.Guest is { } guest && network.Contains(AdmissionLimits.PrefixOf(guest.From.Address)))
                member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.Banned), Graceful: false));
        }
    }
}
