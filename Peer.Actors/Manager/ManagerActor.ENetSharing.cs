using Akka.Actor;
using Peer.Actors.ENet;
using Peer.Protocol;
using Peer.Protocol.ENet;

namespace Peer.Actors;

/// <summary>What is done once a second while there is anybody who speaks ENet.</summary>
internal sealed partial class ManagerActor
{
    private const long ENetTickInterval = 1_000_000;

    private readonly DeadlineTimer _enetTick;

    private void ArmENet(long now)
    {
        if (_enet!.SharedAt == 0)
            _enet.SharedAt = now;
        _enetTick.Arm(now + ENetTickInterval);
    }

    /// <summary>Once a second while there is anybody: those who have not confirmed go, and bandwidth is shared anew.</summary>
    private void TickENet()
    {
        if (_enet is not { } enet)
            return;
        var now = _runtime.Clock.Now;
        _counters.Unconfirmed += enet.Gate.Expire(now - Clock.Micros(_runtime.Settings.Server.ConfirmTimeout));
        foreach (var (applicant, deadline) in enet.Applicants)
        {
            if (now < deadline)
                continue;
            _counters.AdmissionsOverdue++;
            enet.Applicants.Remove(applicant);
            Refuse(enet, applicant, DisconnectReason.Refusing);
        }

        ShareBandwidth(enet, now);
        if (enet.Slots.Count + enet.Gate.Pending + enet.Applicants.Count > 0)
            ArmENet(now);
        else
            enet.SharedAt = 0;
    }

    private void ShareBandwidth(ENetPort enet, long now)
    {
        var elapsed = Math.Max(1, (now - enet.SharedAt) / 1000);
        enet.SharedAt = now;
        var members = _members.Values.Where(member => member is { Guest: not null, IsOpen: true }).ToArray();
        if (members.Length == 0 || (enet.Settings is { IncomingBandwidth: 0, OutgoingBandwidth: 0 } && members.All(member => member.Guest!.RemoteIncoming == 0)))
            return;
        var shares = Array.ConvertAll(members, member => new ENetBandwidth.Share
        {
            Sent = member.Guest!.TakeSent(),
            RemoteIncoming = member.Guest.RemoteIncoming,
            RemoteOutgoing = member.Guest.RemoteOutgoing,
        });
        ENetBandwidth.LimitThrottles(shares, enet.Settings.OutgoingBandwidth, elapsed);
        var tellsSenders = enet.HasChanged && enet.Settings.IncomingBandwidth != 0;
        if (tellsSenders)
            ENetBandwidth.LimitSenders(shares, enet.Settings.IncomingBandwidth);
        enet.HasChanged = false;
        for (var i = 0; i < members.Length; i++)
            members[i].Connection.Tell(new ShareBandwidth(shares[i].ThrottleLimit, tellsSenders ? shares[i].IncomingLimit : null));
    }
}
