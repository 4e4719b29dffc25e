using Akka.Actor;
using Akka.Event;
using Peer.Protocol;

namespace Peer.Actors.Connections;

/// <summary>What a connection and its sequencers say to each other: runs and frames in batches, never a message each.</summary>
internal interface ISequencerMessage : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>To a sequencer: say <see cref="Flushed"/> as soon as nothing waits for an acknowledgement.</summary>
internal sealed record Flush : ISequencerMessage
{
    public static Flush Instance { get; } = new();
}

/// <summary>To a sequencer, from itself: partial messages may have passed their deadline.</summary>
internal sealed record ExpirePartials : ISequencerMessage
{
    public static ExpirePartials Instance { get; } = new();
}

/// <summary>From a sequencer: nothing waits any more.</summary>
internal sealed record Flushed(SequenceKey Key) : ISequencerMessage;

/// <summary>From a sequencer: the other end broke a rule of the sequence.</summary>
internal sealed record SequenceViolated(SequenceKey Key) : ISequencerMessage;
