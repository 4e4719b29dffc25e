using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Peer.TestKit;

namespace Peer.Lab.Soak;

/// <summary><c>soak-clients</c>: many clients of several servers in one process, in one loop.</summary>
internal sealed class SoakClients : IDisposable
{
    private const int RestMilliseconds = 20;

    private readonly SoakChild _child = new();
    private readonly ActorSystem _system = ActorSystem.Create("soak", SoakServer.Settings());
    private readonly SoakClient[] _clients;
    private readonly double _rate;
    private readonly AutoResetEvent _never = new(false);

    public SoakClients(ulong seed, int clients, double rate, IReadOnlyList<int> ports)
    {
        _rate = rate;
        _clients = [.. Enumerable.Range(0, clients).Select(i => new SoakClient(_system, _child, new SeededSource((seed * 1_000) + (ulong)i), ports[i % ports.Count]))];
    }

    public int Run()
    {
        SoakChild.Tell(new SoakLine.Ready(0));
        var watch = Stopwatch.StartNew();
        while (!_child.IsOver)
        {
            var now = watch.Elapsed.TotalSeconds;
            Obey(now);
            foreach (var client in _clients)
                client.Work(now, _rate);

            // A game's frame: it does not turn without end.
            _never.WaitOne(RestMilliseconds);
        }

        return ExitCode.Ok;
    }

    public void Dispose()
    {
        foreach (var client in _clients)
            client.Dispose();
        _system.Dispose();
        _never.Dispose();
        _child.Dispose();
    }

    private void Obey(double now)
    {
        while (_child.TryTake(out var word))
        {
            switch (word[0])
            {
                case SoakWord.Leave:
                    _clients[int.Parse(word[1], CultureInfo.InvariantCulture) % _clients.Length].Leave(now);
                    break;
                case SoakWord.Stop:
                    foreach (var client in _clients)
                        client.IsStopped = true;
                    break;
                case SoakWord.Sample:
                    _child.TellSample(_clients.Count(client => client.IsConnected));
                    break;
                case SoakWord.Tell:
                    foreach (var client in _clients)
                        client.TellOpen();
                    SoakChild.Tell(new SoakLine.Told());
                    break;
            }
        }
    }
}
