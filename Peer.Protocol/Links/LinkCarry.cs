using Peer.Protocol.Delivery;

namespace Peer.Protocol.Links;

/// <summary>What of a connection outlives one link and goes on in the next: frames that wait or were not acknowledged, credit both ways, and what was counted.</summary>
internal sealed class LinkCarry
{
    /// <param name="settings">Settings of both links.</param>
    /// <param name="done">Called for frames that their sequences may let go of.</param>
    public LinkCarry(LinkSettings settings, Action<OutboundFrame> done)
    {
        Lanes = new LaneScheduler(settings.Lanes, settings.Delivery, done);
        GrantedCredit = settings.ReceiveWindow;
    }

    public LaneScheduler Lanes { get; }

    /// <summary>Reliable bytes that the other end has granted since the start.</summary>
    public long SendCredit { get; set; }

    /// <summary>Reliable bytes that were sent, first copies only.</summary>
    public long CreditUsed { get; set; }

    /// <summary>Reliable bytes that this end has granted.</summary>
    public long GrantedCredit { get; set; }

    public LinkCounters Counters { get; set; }
}
