using System.Buffers.Binary;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;

namespace Peer.Tests.Resume;

/// <summary>A program on a simulated host that numbers what it says on each channel, and checks that what others say comes exactly once and in order.</summary>
internal sealed class Traveller
{
    public const int Port = 7777;

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(16);

    private readonly Dictionary<int, int> _said = [];
    private readonly Dictionary<(int Peer, int Channel), int> _heard = [];
    private readonly int _padding;

    public Traveller(SimulatedHost host, ActorMultiplayerPeer peer, int padding = 0)
    {
        Host = host;
        Peer = peer;
        _padding = padding;
        peer.PeerConnected += id => Told.Add($"+{id}");
        peer.PeerDisconnected += id =>
        {
            Told.Add($"-{id} {peer.LastDisconnect.Reason}");
            Why = peer.LastDisconnect.Text;
        };
        peer.PeerInterrupted += id => Told.Add($"~{id}");
        peer.PeerResumed += id => Told.Add($"={id}");
        peer.PeerRestarted += id =>
        {
            Told.Add($"!{id}");
            Unacknowledged += peer.LastUnacknowledged;
        };
        peer.ServerDisconnected += () =>
        {
            Told.Add("out");
            Why = peer.LastDisconnect.Text;
        };
        peer.ConnectionFailed += () => Told.Add($"failed {peer.LastDisconnect.Reason}");
        host.Every(Frame, Beat);
    }

    public SimulatedHost Host { get; }

    public ActorMultiplayerPeer Peer { get; }

    public int Id => Peer.GetUniqueId();

    public bool IsConnected => Peer.GetConnectionStatus() == ConnectionStatus.Connected;

    /// <summary>Signals in order.</summary>
    public List<string> Told { get; } = [];

    /// <summary>What it was told that may have been lost of what it said.</summary>
    public int Unacknowledged { get; private set; }

    /// <summary>Whether numbers may be missing; none may come twice or late all the same.</summary>
    public bool ExpectsGaps { get; init; }

    /// <summary>Numbers that were missing.</summary>
    public int Missing { get; private set; }

    /// <summary>What was said at its end.</summary>
    public string Why { get; private set; } = "";

    /// <summary>What came twice, too early or damaged.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Unreliable packets taken.</summary>
    public int Fleeting { get; private set; }

    /// <summary>Numbers of a channel begin again.</summary>
    public void Forget(int channel)
    {
        foreach (var key in _heard.Keys.Where(key => key.Channel == channel).ToArray())
            _heard.Remove(key);
    }

    public int Said(int channel) => _said.GetValueOrDefault(channel);

    public int Heard(int peer, int channel) => _heard.GetValueOrDefault((peer, channel));

    /// <summary>Says the next number on a channel to everybody.</summary>
    public Error Say(int channel)
    {
        var number = Said(channel);
        var payload = new byte[4 + (number % 7 == 3 ? _padding : 0)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        Peer.SetTargetPeer(0);
        Peer.TransferChannel = channel;
        Peer.TransferMode = TransferMode.Reliable;
        var error = Peer.PutPacket(payload);
        if (error == Error.Ok)
            _said[channel] = number + 1;
        return error;
    }

    public void Whisper()
    {
        Peer.SetTargetPeer(0);
        Peer.TransferChannel = 9;
        Peer.TransferMode = TransferMode.UnreliableOrdered;
        Peer.PutPacket([1]);
    }

    /// <summary>Talks on three channels from now on until told to stop.</summary>
    public void Talk(TimeSpan every, Func<bool> until) => Host.Every(every, () =>
    {
        for (var channel = 0; channel < 3; channel++)
            Say(channel);
        Whisper();
        return !until();
    });

    /// <summary>Says so many numbers more on one channel, one in each frame.</summary>
    public void TalkOn(int channel, int numbers)
    {
        var until = Said(channel) + numbers;
        Host.Every(Frame, () =>
        {
            Say(channel);
            return Said(channel) < until;
        });
    }

    private bool Beat()
    {
        Peer.Poll(TimeSpan.Zero);
        while (Peer.TryGetPacket(out var packet))
        {
            if (packet.Mode != TransferMode.Reliable)
            {
                Fleeting++;
                continue;
            }

            var number = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span);
            var expected = _heard.GetValueOrDefault((packet.Peer, packet.Channel));
            if (ExpectsGaps && number > expected)
                Missing += number - expected;
            else if (number != expected)
                Complaints.Add($"{Host.Name} got {number} of {packet.Peer} on {packet.Channel}, not {expected}");
            _heard[(packet.Peer, packet.Channel)] = number + 1;
        }

        return true;
    }
}
