using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>Messages that are numbered together: those of one sender with one target pattern (0, n, -n), channel and mode.</summary>
internal readonly record struct StreamKey(int Sender, int Target, int Channel, TransferMode Mode)
{
    /// <summary>Whether a peer is to receive them: nobody hears himself.</summary>
    public bool Reaches(int peer) =>
        peer != Sender && (Target == MultiplayerPeer.TargetPeerBroadcast || Target == peer || (Target < 0 && Target != -peer));

    public override string ToString() => $"sender {Sender}, target {Target}, channel {Channel}, {ModeName.Of(Mode)}";
}
