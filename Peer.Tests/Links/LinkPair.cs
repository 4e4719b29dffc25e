using Peer.Protocol.Crypto;
using Peer.Protocol.Links;

namespace Peer.Tests.Links;

/// <summary>A client's and a server's end of one connection and the path between them, driven by nothing but arrivals and the ends' own time-outs.</summary>
internal sealed class LinkPair : IDisposable
{
    public const ulong ClientId = 0xC11E_0000_0000_0001;
    public const ulong ServerId = 0x5E44_0000_0000_0002;

    /// <summary>A timer that is late in coming back, as every scheduler's is; a link that is never satisfied shows as a wake-up each time.</summary>
    private const long TimerStep = 100;

    private readonly SessionKeys _keys;

    public LinkPair(int seed = 1, LinkSettings? settings = null, LinkSettings? serverSettings = null, long start = -5_000_000)
    {
        var random = new SeededRandom(seed);
        _keys = new SessionKeys(random.Take(32), random.Take(12), random.Take(32), random.Take(12));
        Now = start;
        ToServer = new Pipe(seed * 31);
        ToClient = new Pipe((seed * 31) + 1);
        var client = settings ?? new LinkSettings();
        var server = serverSettings ?? client;
        Client = new LinkEnd(client, _keys, isServer: false, server.ReceiveWindow, ToServer, Now);
        Server = new LinkEnd(server, _keys, isServer: true, 0, ToClient, Now);
        Client.Watch.Other = Server.Watch;
        Server.Watch.Other = Client.Watch;
        Client.Link.Ping();
        Client.Work(Now);
    }

    public LinkEnd Client { get; }

    public LinkEnd Server { get; }

    public Pipe ToServer { get; }

    public Pipe ToClient { get; }

    public long Now { get; private set; }

    /// <summary>Keys for a forger: the client's side of the connection, with numbers of its own choice.</summary>
    public PacketProtection ForgeAsClient() => _keys.FromClient();

    public Weather Weather
    {
        set
        {
            ToServer.Weather = value;
            ToClient.Weather = value;
        }
    }

    /// <summary>Until both ends have heard each other and nothing waits.</summary>
    public LinkPair Settle(long limit = 120_000_000)
    {
        RunUntil(() => Client.IsIdle && Server.IsIdle && Client.Link.IsConfirmed && Server.Link.IsConfirmed && ToServer.NextArrival == long.MaxValue && ToClient.NextArrival == long.MaxValue, limit);
        return this;
    }

    public void RunUntil(Func<bool> condition, long limit = 120_000_000)
    {
        var end = Now + limit;
        while (!condition())
        {
            Assert.True(Step(end), $"does not happen within {limit / 1_000_000.0} s: {Story()}");
        }
    }

    /// <summary>Lets so much time pass.</summary>
    public void RunFor(long duration)
    {
        var end = Now + duration;
        while (Step(end))
        {
        }

        Now = end;
    }

    public void Work()
    {
        Client.Work(Now);
        Server.Work(Now);
    }

    public void AssertHonest()
    {
        Assert.Empty(Client.Watch.Complaints);
        Assert.Empty(Server.Watch.Complaints);
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        _keys.Dispose();
    }

    private bool Step(long end)
    {
        var wake = Math.Min(Client.NextTimeout(Now), Server.NextTimeout(Now));
        if (wake != long.MaxValue)
            wake = Math.Max(wake, Now + TimerStep);
        var next = Math.Min(wake, Math.Min(ToServer.NextArrival, ToClient.NextArrival));
        if (next > end)
            return false;
        Now = Math.Max(Now, next);
        Carry(ToServer, Client, Server);
        Carry(ToClient, Server, Client);
        if (wake <= Now)
        {
            if (Client.NextTimeout(Now) <= Now)
                Client.Wake(Now);
            if (Server.NextTimeout(Now) <= Now)
                Server.Wake(Now);
        }

        return true;
    }

    private void Carry(Pipe pipe, LinkEnd from, LinkEnd to)
    {
        while (pipe.Take(Now) is { } received)
        {
            for (ReadOnlySpan<byte> rest = received; SealedHeader.TryRead(rest, out _, out _, out var total) && total <= rest.Length; rest = rest[total..])
                from.Watch.Reached(rest[..total]);
            to.Receive(received, Now);
        }
    }

    private string Story() =>
        $"client {Client.Link.State}, {Client.QueuedBytes} B queued, {Client.Taken.Count} taken, {Client.Link.End}; server {Server.Link.State}, {Server.QueuedBytes} B queued, {Server.Taken.Count} taken, {Server.Link.End}";
}
