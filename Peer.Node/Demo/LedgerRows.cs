using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>Messages that a process put into one of its streams.</summary>
internal sealed record SentRow(int Target, int Channel, TransferMode Mode, int Count);

/// <summary>What a process received of one stream; <see cref="End"/> is one more than the highest number.</summary>
internal sealed record ReceivedRow(int Sender, int Target, int Channel, TransferMode Mode, int Received, int End, int OutOfOrder, int Duplicated, int FirstMissing)
{
    public StreamKey Stream => new(Sender, Target, Channel, Mode);
}

/// <summary>Both ledgers of one process.</summary>
internal sealed record PeerLedger(int Id, IReadOnlyList<SentRow> Sent, IReadOnlyList<ReceivedRow> Received);
