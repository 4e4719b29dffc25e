using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Facade;

/// <summary>One thing for the caller's thread, in its order: an event, or a run of messages from a sender.</summary>
internal readonly record struct InboxItem(IPeerEvent? Event, int Sender, DeliveredRun Run, ICreditReturn? Credit)
{
    // What a run costs beside its bytes, so that a flood of tiny ones is bounded too.
    private const int Overhead = 128;

    public InboxItem(IPeerEvent @event)
        : this(@event, 0, default, null)
    {
    }

    public InboxItem(int sender, in DeliveredRun run, ICreditReturn? credit)
        : this(null, sender, run, credit)
    {
    }

    /// <summary>What counts against the bound on unreliable data; 0 for what is bounded by credit.</summary>
    public int UnreliableCost => Event is null && Run.Key.Mode != TransferMode.Reliable ? Run.Bytes.Length + Overhead : 0;
}
