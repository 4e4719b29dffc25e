using System.Net;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Tests.ENet;

/// <summary>A server and a client under virtual time, with a network between them that loses, repeats, delays and damages.</summary>
internal sealed class ENetPair : IDisposable
{
    public static readonly IPEndPoint ServerAddress = IPEndPoint.Parse("10.0.0.1:7777");
    public static readonly IPEndPoint ClientAddress = IPEndPoint.Parse("10.0.0.2:4444");

    private readonly PriorityQueue<(byte[] Datagram, IPEndPoint From, IPEndPoint To), (long At, long Order)> _underWay = new();
    private readonly SeededSource _chance;
    private long _order;

    public ENetPair(ENetSettings? settings = null, ulong seed = 1, ENetSettings? clientSettings = null, int slots = 64)
    {
        _chance = new SeededSource(seed);
        ServerHost = new ENetTestHost(settings, slots, seed + 1);
        ClientHost = new ENetTestHost(clientSettings ?? settings, slots: 1, seed: seed + 2);
    }

    public ENetTestHost ServerHost { get; }

    public ENetTestHost ClientHost { get; }

    public ENetTestPeer Client { get; private set; } = null!;

    public ENetTestPeer Server => ServerHost.Accepted[^1];

    public long Now { get; private set; } = 1_000_000;

    public double Loss { get; set; }

    public double Repeat { get; set; }

    public double Damage { get; set; }

    public long Delay { get; set; } = 5_000;

    public long Jitter { get; set; }

    /// <summary>Sees every datagram before it travels; false drops it.</summary>
    public Func<byte[], IPEndPoint, bool>? Watch { get; set; }

    public int Datagrams { get; private set; }

    public static ENetPair Connected(ENetSettings? settings = null, ulong seed = 1, int channels = 8, ENetSettings? clientSettings = null)
    {
        var pair = new ENetPair(settings, seed, clientSettings);
        pair.Dial(channels);
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Connected && pair.ServerHost.Accepted.Count == 1));
        return pair;
    }

    public void Dial(int channels = 8, uint data = 42) => Client = ClientHost.Connect(ServerAddress, channels, data, Now);

    /// <summary>Puts a datagram on the way as if somebody had sent it.</summary>
    public void Inject(byte[] datagram, IPEndPoint from, IPEndPoint to) => _underWay.Enqueue((datagram, from, to), (Now, _order++));

    public bool RunUntil(Func<bool> done, long limit = 120_000_000)
    {
        var end = Now + limit;
        while (true)
        {
            Flush();
            if (done())
                return true;
            var next = Math.Min(Math.Min(ServerHost.NextTimeout(Now), ClientHost.NextTimeout(Now)), end);
            if (_underWay.TryPeek(out _, out var first))
                next = Math.Min(next, first.At);
            if (next >= end)
            {
                Now = end;
                Flush();
                return done();
            }

            // The connections count in milliseconds: a deadline within one may not have come for them yet.
            Now = Math.Max(Now + 1, next);
            while (_underWay.TryPeek(out _, out first) && first.At <= Now)
            {
                var (datagram, from, to) = _underWay.Dequeue();
                if (to.Equals(ServerAddress))
                    ServerHost.Receive(datagram, from, Now, (bytes, back) => Carry(bytes, ServerAddress, back));
                else if (to.Equals(ClientAddress))
                    ClientHost.Receive(datagram, from, Now, (bytes, back) => Carry(bytes, ClientAddress, back));
            }
        }
    }

    public void Run(long micros) => RunUntil(() => false, micros);

    public void Flush()
    {
        ServerHost.Transmit(Now, (bytes, to) => Carry(bytes, ServerAddress, to));
        ClientHost.Transmit(Now, (bytes, to) => Carry(bytes, ClientAddress, to));
    }

    public void Dispose()
    {
        ServerHost.Dispose();
        ClientHost.Dispose();
    }

    private void Carry(byte[] datagram, IPEndPoint from, IPEndPoint to)
    {
        Datagrams++;
        if (Watch?.Invoke(datagram, from) == false || _chance.Chance(Loss))
            return;
        if (_chance.Chance(Damage))
            datagram[_chance.Below(datagram.Length)] ^= (byte)(1 << _chance.Below(8));
        for (var copies = _chance.Chance(Repeat) ? 2 : 1; copies > 0; copies--)
        {
            var delay = Delay + (Jitter > 0 ? _chance.Below((int)Jitter) : 0);
            _underWay.Enqueue(((byte[])datagram.Clone(), from, to), (Now + delay, _order++));
        }
    }
}
