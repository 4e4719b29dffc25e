using System.Diagnostics;
using System.Text;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.ENet;

/// <summary>Peers of any kind, polled in turn, and what each of them has heard.</summary>
internal sealed class Room : IDisposable
{
    private readonly List<MultiplayerPeer> _peers = [];

    /// <summary>In the order in which it happened: signals and packets, as text.</summary>
    public Dictionary<MultiplayerPeer, List<string>> Heard { get; } = [];

    public T Add<T>(T peer)
        where T : MultiplayerPeer
    {
        _peers.Add(peer);
        var heard = Heard[peer] = [];
        peer.PeerConnected += id => heard.Add($"joined {id}");
        peer.PeerDisconnected += id => heard.Add($"left {id}");
        peer.ConnectionSucceeded += () => heard.Add("succeeded");
        peer.ConnectionFailed += () => heard.Add($"failed {peer.LastDisconnect.Reason}");
        peer.ServerDisconnected += () => heard.Add($"server gone {peer.LastDisconnect.Reason}");
        return peer;
    }

    /// <summary>Polls everybody until something is so.</summary>
    public bool Until(Func<bool> isSo, int seconds = 20)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > seconds)
                return false;
            foreach (var peer in _peers)
            {
                peer.Poll(_peers[^1] == peer ? TimeSpan.FromMilliseconds(1) : TimeSpan.Zero);
                while (peer.GetAvailablePacketCount() > 0)
                {
                    var (from, channel, mode) = (peer.GetPacketPeer(), peer.GetPacketChannel(), peer.GetPacketMode());
                    Heard[peer].Add($"{from}/{channel}/{mode}: {Encoding.UTF8.GetString(peer.GetPacket())}");
                }
            }
        }

        return true;
    }

    public bool Hears(MultiplayerPeer peer, string what) => Until(() => Heard[peer].Contains(what));

    public static Error Say(MultiplayerPeer peer, int target, string text, int channel = 0, TransferMode mode = TransferMode.Reliable)
    {
        peer.SetTargetPeer(target);
        peer.TransferChannel = channel;
        peer.TransferMode = mode;
        return peer.PutPacket(Encoding.UTF8.GetBytes(text));
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
            peer.Dispose();
    }
}
