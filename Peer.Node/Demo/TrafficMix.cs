using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>What to send next: targets, channels and sizes as a game mixes them, drawn from a seed.</summary>
internal sealed class TrafficMix
{
    public const int Channels = 4;

    /// <summary>Echo probes have a channel of their own, so that they measure the way and not the queue of another stream.</summary>
    public const int ProbeChannel = Channels;

    public const int StatementChannel = Channels + 1;

    private const int LargeSize = 100 * 1024;
    private const int LargeEvery = 400;

    private readonly Random _random;
    private readonly int _self;
    private readonly IReadOnlyList<int> _others;
    private readonly int _firstLarge;
    private int _reliable;

    /// <param name="seed">Draws everything.</param>
    /// <param name="self">The sender.</param>
    /// <param name="others">Everybody else.</param>
    public TrafficMix(int seed, int self, IReadOnlyList<int> others)
    {
        _random = new Random(seed);
        _self = self;
        _others = others;

        // Early enough for a demo of a second, and not at the same moment everywhere.
        _firstLarge = _random.Next(5, 40);
    }

    /// <summary>The stream and size of the next message.</summary>
    public (StreamKey Stream, int Size) Next(TransferMode mode) => (new StreamKey(_self, Target(), _random.Next(Channels), mode), Size(mode));

    private int Target()
    {
        var pick = _random.Next(4);
        var other = _others[_random.Next(_others.Count)];
        return pick switch
        {
            0 => other,
            1 => -other,
            _ => MultiplayerPeer.TargetPeerBroadcast,
        };
    }

    private int Size(TransferMode mode)
    {
        if (mode == TransferMode.Reliable && ++_reliable % LargeEvery == _firstLarge)
            return LargeSize;
        return _random.Next(20) switch
        {
            < 11 => _random.Next(DemoMessage.HeaderSize, 65),
            < 18 => _random.Next(65, 513),
            _ => _random.Next(513, 2049),
        };
    }
}
