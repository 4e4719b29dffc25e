using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Connections;

/// <summary>Frames of one inbound batch that belong to one sequence. Few sequences are active at a time, so a short list beats a table.</summary>
internal readonly record struct Arrivals(SequenceKey Key, List<InboundFrame> Frames)
{
    public static void Add(List<Arrivals> batches, in InboundFrame frame)
    {
        for (var i = batches.Count - 1; i >= 0; i--)
        {
            if (batches[i].Key != frame.Key)
                continue;
            batches[i].Frames.Add(frame);
            return;
        }

        batches.Add(new Arrivals(frame.Key, [frame]));
    }
}

/// <summary>Frames that one sequence may let go of.</summary>
internal readonly record struct Departures(SequenceKey Key, List<OutboundFrame> Frames)
{
    public static void Add(List<Departures> batches, OutboundFrame frame)
    {
        for (var i = batches.Count - 1; i >= 0; i--)
        {
            if (batches[i].Key != frame.Key)
                continue;
            batches[i].Frames.Add(frame);
            return;
        }

        batches.Add(new Departures(frame.Key, [frame]));
    }
}
