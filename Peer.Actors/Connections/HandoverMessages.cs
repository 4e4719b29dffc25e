using Peer.Protocol;
using Peer.Protocol.Handover;
using Peer.Protocol.Wire;

namespace Peer.Actors.Connections;

/// <summary>To a connection: hear and say nothing more, and tell when all that was heard has been handed up.</summary>
internal sealed record Freeze : IConnectionMessage
{
    public static Freeze Instance { get; } = new();
}

/// <summary>From a connection: everything that it will ever hand up has been handed up.</summary>
internal sealed record ConnectionFrozen(Member Member) : IConnectionMessage;

/// <summary>To a frozen connection: hand over your state.</summary>
internal sealed record ExportConnection : IConnectionMessage
{
    public static ExportConnection Instance { get; } = new();
}

/// <summary>From a frozen connection: its sequences and its credit.</summary>
internal sealed record ConnectionExported(Member Member, long SendCredit, long CreditUsed, long GrantedCredit, HandedSequence[] Sequences) : IConnectionMessage;

/// <summary>To a frozen connection: tell your client where it goes on; null when it cannot be told.</summary>
internal sealed record MigrateConnection(Migration Migration) : IConnectionMessage;

/// <summary>To a sequencer: answer once everything before this has been handed up.</summary>
internal sealed record PassBarrier : ISequencerMessage
{
    public static PassBarrier Instance { get; } = new();
}

/// <summary>From a sequencer.</summary>
internal sealed record BarrierPassed(SequenceKey Key) : ISequencerMessage;

/// <summary>To a sequencer: hand over your state. You will not be asked for anything again.</summary>
internal sealed record ExportSequence : ISequencerMessage
{
    public static ExportSequence Instance { get; } = new();
}

/// <summary>From a sequencer.</summary>
internal sealed record SequenceExported(HandedSequence Sequence) : ISequencerMessage;
