using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare.Works;

/// <summary>The works that a managed end can do, by name; native ends have a catalogue of their own.</summary>
internal static class WorkCatalog
{
    public static Work Create(string name, string role, WorkSettings settings) => (name, role) switch
    {
        ("oneway", "server") => new OneWayServer(settings),
        ("oneway", "client") => new OneWayClient(settings),
        ("echo" or "rtt", "server") => new EchoServer(),
        ("echo", "client") => new EchoClient(settings),
        ("rtt", "client") => new RoundTripClient(settings),
        ("fanout", "server") => new FanoutServer(settings),
        ("fanout", "client") => new FanoutClient(),
        ("idle", _) => new IdleEnd(),
        ("connect", "server") => new IdleEnd(),
        ("connect", "client") => new ConnectClient(settings),
        ("transfer", "server") => new TransferServer(settings),
        ("transfer", "client") => new TransferClient(settings),
        ("stream", "server") => new StreamServer(),
        ("stream", "client") => new StreamClient(settings),
        _ => throw new ArgumentException($"no work '{name}' for a {role}"),
    };
}
