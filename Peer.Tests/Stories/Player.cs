using System.Text;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Stories;

/// <summary>A packet as a test sees it.</summary>
internal sealed record Taken(int Peer, int Channel, TransferMode Mode, byte[] Payload)
{
    public string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>A short packet, however often it has come.</summary>
internal sealed record Words(int Peer, int Channel, TransferMode Mode, string Text)
{
    public const int Longest = 100;
}

/// <summary>One peer and everything that it heard, in order.</summary>
internal sealed class Player
{
    public Player(string name, ActorBackedPeer peer)
    {
        Name = name;
        Any = peer;
        peer.PeerConnected += id => Hear($"+{id}");
        peer.PeerDisconnected += id => Hear($"-{id}");
        peer.ConnectionSucceeded += () => Hear("succeeded");
        peer.ConnectionFailed += () => Hear("failed");
        peer.ServerDisconnected += () => Hear("server gone");
    }

    public string Name { get; }

    /// <summary>Whatever it speaks.</summary>
    public ActorBackedPeer Any { get; }

    /// <summary>One that speaks the native protocol.</summary>
    public ActorMultiplayerPeer Peer => (ActorMultiplayerPeer)Any;

    /// <summary>Signals in order: "+id", "-id", "succeeded", "failed", "server gone".</summary>
    public List<string> Signals { get; } = [];

    /// <summary>Why, for each signal that has a reason.</summary>
    public List<DisconnectInfo> Reasons { get; } = [];

    public List<Taken> Packets { get; } = [];

    private readonly HashSet<Words> _words = [];

    /// <summary>Signals and packets in one order.</summary>
    public List<string> Log { get; } = [];

    /// <summary>A test may let packets lie.</summary>
    public bool Reads { get; set; } = true;

    /// <summary>A test may let a peer sleep.</summary>
    public bool Polls { get; set; } = true;

    /// <summary>The test has disposed of it.</summary>
    public bool IsOver { get; private set; }

    public void End()
    {
        IsOver = true;
        Any.Dispose();
    }

    public bool IsConnected => Any.GetConnectionStatus() == ConnectionStatus.Connected;

    public int Id => Any.GetUniqueId();

    public bool Knows(int id) => Signals.Contains($"+{id}") && !Signals.Contains($"-{id}");

    public void Poll(TimeSpan wait)
    {
        Any.Poll(wait);
        Read();
    }

    private void Read()
    {
        if (!Reads)
            return;
        while (Any.TryGetPacket(out var packet))
        {
            var taken = new Taken(packet.Peer, packet.Channel, packet.Mode, packet.Payload.ToArray());
            Packets.Add(taken);
            if (taken.Payload.Length <= Words.Longest)
                _words.Add(new Words(taken.Peer, taken.Channel, taken.Mode, taken.Text));
            Log.Add($"packet {packet.Peer}");
        }
    }

    public Error Say(string text, int target = 0, int channel = 0, TransferMode mode = TransferMode.Reliable) =>
        Put(Encoding.UTF8.GetBytes(text), target, channel, mode);

    public Error Put(byte[] payload, int target = 0, int channel = 0, TransferMode mode = TransferMode.Reliable)
    {
        Any.SetTargetPeer(target);
        Any.TransferChannel = channel;
        Any.TransferMode = mode;
        return Any.PutPacket(payload);
    }

    /// <summary>Whether it has heard these words.</summary>
    public bool HasHeard(Words words) => _words.Contains(words);

    public IEnumerable<string> Heard(int from) => Packets.Where(packet => packet.Peer == from).Select(packet => packet.Text);

    private void Hear(string signal)
    {
        // What arrived before the signal can be taken inside its handler, and nothing else.
        Read();
        Signals.Add(signal);
        Log.Add(signal);
        if (signal[0] != '+' && signal != "succeeded")
            Reasons.Add(Any.LastDisconnect);
    }
}
