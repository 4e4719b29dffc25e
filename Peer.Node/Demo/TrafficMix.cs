using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>What to send next: targets, channels and sizes as a game mixes them, drawn from a seed.</summary>
internal sealed class TrafficMix(int seed, int self, IReadOnlyList<int> others)
{
    public const int Channels = 4;

    /// <summary>Echo probes have a channel of their own, so that they measure the way and not the queue of another stream.</summary>
    public const int ProbeChannel = Channels;

    public const int StatementChannel = Channels + 1;

    private const int LargeSize = 100 * 1024;
    private const int FirstLarge = 20;
    private const int LargeEvery = 400;

    private readonly Random _random = new(seed);
    private int _reliable;

    /// <summary>The stream and size of the next message.</summary>
    public (StreamKey Stream, int Size) Next(TransferMode mode) => (new StreamKey(self, Target(), _random.Next(Channels), mode), Size(mode));

    private int Target()
    {
        var pick = _random.Next(4);
        var other = others[_random.Next(others.Count)];
        return pick switch
        {
            0 => other,
            1 => -other,
            _ => MultiplayerPeer.TargetPeerBroadcast,
        };
    }

    private int Size(TransferMode mode)
    {
        if (mode == TransferMode.Reliable && ++_reliable % LargeEvery == FirstLarge)
            return LargeSize;
        return _random.Next(20) switch
        {
            < 11 => _random.Next(DemoMessage.HeaderSize, 65),
            < 18 => _random.Next(65, 513),
            _ => _random.Next(513, 2049),
        };
    }
}
