using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;
using Peer.TestKit;

namespace Peer.Lab.Soak;

/// <summary><c>soak-server</c>: a server that answers its clients with streams of its own.</summary>
internal sealed class SoakServer : IDisposable
{
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(20);

    private readonly SoakChild _child = new();
    private readonly ActorSystem _system = ActorSystem.Create("soak", Settings());
    private readonly ActorMultiplayerPeer _server;
    private readonly Streams _streams;
    private readonly HashSet<int> _peers = [];
    private readonly double _rate;
    /// <summary>Who has left, and how: what they had said lies in the queue and is taken first.</summary>
    private readonly List<(int Peer, StreamState Received)> _over = [];
    private bool _stopped;

    public SoakServer(ulong seed, double rate)
    {
        _rate = rate;
        _streams = new Streams(_child, new SeededSource(seed));
        _server = new ActorMultiplayerPeer(_system);
        _server.PeerConnected += peer => _peers.Add(peer);
        _server.PeerDisconnected += peer =>
        {
            _peers.Remove(peer);

            // A client that says good-bye has waited until everything was acknowledged; what it had not read yet is lost with it.
            var ended = _server.LastDisconnect.Reason == DisconnectReason.Closed ? StreamState.Closed : StreamState.Severed;
            _over.Add((peer, ended));
        };
    }

    /// <summary>For both kinds of children: quiet, and as they are deployed otherwise.</summary>
    public static Config Settings() => ConfigurationFactory.ParseString("""
        akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off }
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        """).WithFallback(ActorPeer.DefaultConfig);

    public int Run(int port)
    {
        if (_server.CreateServer(port, new ServerOptions { BindAddress = "127.0.0.1", MaxPeers = 1_000 }) != Error.Ok)
        {
            SoakChild.Tell(new SoakLine.Fault($"the server does not start: {_server.LastErrorText}"));
            return ExitCode.Violation;
        }

        SoakChild.Tell(new SoakLine.Ready(_server.LocalPort));
        var watch = Stopwatch.StartNew();
        var due = 0.0;
        while (!_child.IsOver)
        {
            Obey();
            if (!_stopped && watch.Elapsed.TotalSeconds >= due)
            {
                due = Math.Max(due, watch.Elapsed.TotalSeconds - 1) + (1 / _rate);
                foreach (var peer in _peers.ToArray())
                    Say(peer);
            }

            _server.Poll(Rest);
            while (_server.TryGetPacket(out var packet))
                _streams.Take(packet.Peer, packet.Mode, packet.Payload.Span);
            foreach (var (peer, received) in _over)
                _streams.End(peer, StreamState.Severed, received);
            _over.Clear();
        }

        return ExitCode.Ok;
    }

    public void Dispose()
    {
        _server.Dispose();
        _system.Dispose();
        _child.Dispose();
    }

    private void Say(int peer)
    {
        _server.SetTargetPeer(peer);
        _server.TransferMode = TransferMode.Reliable;
        _streams.Put(peer, _server.PutPacket);
    }

    private void Obey()
    {
        while (_child.TryTake(out var word))
        {
            switch (word[0])
            {
                case SoakWord.Stop:
                    _stopped = true;
                    break;
                case SoakWord.Sample:
                    _child.TellSample(_peers.Count);
                    break;
                case SoakWord.Tell:
                    _streams.TellOpen();
                    SoakChild.Tell(new SoakLine.Told());
                    break;
            }
        }
    }
}
