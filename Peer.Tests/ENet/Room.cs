using System.Diagnostics;
using System.Text;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.ENet;

/// <summary>Peers of any kind, polled in turn, and what each of them has heard.</summary>
internal sealed class Room : IDisposable
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(50);

    private readonly List<MultiplayerPeer> _peers = [];

    /// <summary>Settings of peers that give nothing up merely because the machine is slow.</summary>
    public static Config Patient { get; } = ConfigurationFactory.ParseString(
        "actorpeer { client.connect-timeout = 60s, server.confirm-timeout = 60s, connection.idle-timeout = 60s, facade.start-timeout = 60s }");

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

    /// <summary>Polls everybody once.</summary>
    public void Turn()
    {
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

    /// <summary>Polls everybody until something is so; fails, with what everybody has heard, when it does not become so.</summary>
    public void Until(Func<bool> isSo, string what, GodotProcess? godot = null, int seconds = 60)
    {
        var started = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > seconds)
                Assert.Fail($"did not happen within {seconds} s: {Short(what)}\n{Story(godot)}");
            Turn();
        }
    }

    public void Hears(MultiplayerPeer peer, string what, GodotProcess? godot = null) => Until(() => Heard[peer].Contains(what), $"{Name(peer)} hears \"{what}\"", godot);

    public void HearsOf(MultiplayerPeer peer, string beginning) =>
        Until(() => Heard[peer].Exists(heard => heard.StartsWith(beginning, StringComparison.Ordinal)), $"{Name(peer)} hears \"{beginning} ..\"");

    /// <summary>Says something until these have heard it: once, but again where it is unreliable.</summary>
    public void Says(MultiplayerPeer from, int target, string text, int channel, TransferMode mode, params MultiplayerPeer[] listeners)
    {
        var heard = $"{from.GetUniqueId()}/{channel}/{mode}: {text}";
        Says(from, target, text, channel, mode, () => listeners.All(peer => Heard[peer].Contains(heard)), $"{string.Join(" and ", listeners.Select(Name))} hear \"{heard}\"");
    }

    /// <summary>
    /// Says something until it has had its effect: once, but again where it is unreliable. Such a packet may be lost on its way, and ENet holds some of them back
    /// when round trips grow, as they do where the processor has much else to do.
    /// </summary>
    public void Says(MultiplayerPeer from, int target, string text, int channel, TransferMode mode, Func<bool> isSo, string what, GodotProcess? godot = null)
    {
        Assert.Equal(Error.Ok, Say(from, target, text, channel, mode));
        var said = Stopwatch.GetTimestamp();
        Until(
            () =>
            {
                if (isSo())
                    return true;
                if (mode != TransferMode.Reliable && Stopwatch.GetElapsedTime(said) > Again)
                {
                    Assert.Equal(Error.Ok, Say(from, target, text, channel, mode));
                    said = Stopwatch.GetTimestamp();
                }

                return false;
            },
            what,
            godot);
    }

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

    private static string Short(string text) => text.Length <= 120 ? text : $"{text[..100]}.. ({text.Length} characters)";

    private string Name(MultiplayerPeer peer) => $"{(peer is ENetMultiplayerPeer ? "ENet" : "native")} peer {_peers.IndexOf(peer)}";

    /// <summary>Everybody's state, their last words heard, and how it stands between them.</summary>
    private string Story(GodotProcess? godot)
    {
        var story = new StringBuilder();
        foreach (var peer in _peers)
        {
            story.AppendLine($"{Name(peer)}, {peer.GetUniqueId()}, {peer.GetConnectionStatus()}, heard {Heard[peer].Count}: {string.Join(", ", Heard[peer].TakeLast(40).Select(Short))}");
            foreach (var other in _peers.Where(other => other != peer && other.GetUniqueId() != 0))
            {
                if (peer.GetPeerStatistics(other.GetUniqueId()) is { PacketsReceived: > 0 } figures)
                    story.AppendLine($"  to {other.GetUniqueId()}: {figures.RoundTripMs} ms, +-{figures.JitterMs} ms, {figures.PacketsSent} sent, {figures.PacketsReceived} received, {figures.PacketsLost} lost, {figures.PacketsRejected} rejected");
            }
        }

        return story.AppendJoin('\n', godot?.Lines ?? []).ToString();
    }
}
