using Akka.Actor;
using Akka.Event;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Connections;

/// <summary>
/// A message that carries many things of one kind from one actor to one other and is used again: whoever it was told to takes what is in it and returns it.
/// One that ends as a dead letter is left to the garbage collector.
/// </summary>
internal abstract class Batch<TSelf, TItem> : INoSerializationVerificationNeeded, IDeadLetterSuppression
    where TSelf : Batch<TSelf, TItem>, new()
{
    /// <summary>A batch that grew beyond this is not kept.</summary>
    private const int MostKept = 1024;

    /// <summary>What it carries.</summary>
    public List<TItem> Items { get; } = [];

    /// <summary>An empty one.</summary>
    public static TSelf Blank() => Spare<TSelf>.Take() ?? new TSelf();

    /// <summary>Everything in it has been taken, and nobody looks at it any more.</summary>
    public void Return()
    {
        Items.Clear();
        if (Items.Capacity <= MostKept)
            Spare<TSelf>.Give((TSelf)this);
    }
}

/// <summary>A batch between a connection and one of its sequencers.</summary>
internal abstract class SequenceBatch<TSelf, TItem> : Batch<TSelf, TItem>, ISequencerMessage
    where TSelf : SequenceBatch<TSelf, TItem>, new()
{
    /// <summary>The sequence.</summary>
    public SequenceKey Key { get; set; }

    /// <summary>The batch for a sequence among those that are being filled. Few sequences are active at a time, so a short list beats a table.</summary>
    public static TSelf For(SequenceKey key, List<TSelf> filling)
    {
        for (var i = filling.Count - 1; i >= 0; i--)
        {
            if (filling[i].Key == key)
                return filling[i];
        }

        var batch = Blank();
        batch.Key = key;
        filling.Add(batch);
        return batch;
    }
}

/// <summary>To a connection: send these runs. Their references go with them.</summary>
internal sealed class Forward : Batch<Forward, Run>, IConnectionMessage;

/// <summary>To a sequencer: number and cut these runs. Their references go with them.</summary>
internal sealed class SubmitRuns : SequenceBatch<SubmitRuns, Run>;

/// <summary>From a sequencer: frames to send.</summary>
internal sealed class FramesReady : SequenceBatch<FramesReady, OutboundFrame>;

/// <summary>To a sequencer: let go of these; reliable ones were acknowledged, unreliable ones have left.</summary>
internal sealed class FramesDone : SequenceBatch<FramesDone, OutboundFrame>;

/// <summary>To a sequencer: frames of its sequence arrived, in the order of their datagrams.</summary>
internal sealed class FramesArrived : SequenceBatch<FramesArrived, InboundFrame>
{
    /// <summary>The buffer that their payloads lie in; a reference to it goes with them.</summary>
    public RunBuffer Owner { get; set; } = null!;
}

/// <summary>From a sequencer to the manager: runs that the other end sent. Their references go with them.</summary>
internal sealed class RunsArrived : Batch<RunsArrived, DeliveredRun>, IConnectionMessage
{
    /// <summary>Which connection they came over.</summary>
    public Member Member { get; set; } = null!;
}
