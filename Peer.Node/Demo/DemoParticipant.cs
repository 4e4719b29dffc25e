using System.Diagnostics;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>The loop of every child, server or client: join, send, wait for everything, report, leave, each when the parent says so.</summary>
internal sealed class DemoParticipant
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastLeaversTimeout = TimeSpan.FromSeconds(10);

    private readonly MultiplayerPeer _peer;
    private readonly ParentLink _parent;
    private readonly int _others;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly SortedSet<int> _known = [];
    private readonly List<Departure> _departures = [];
    private readonly DemoTraffic _traffic;
    private TimeSpan _nextProgress;
    private Phase _phase = Phase.Joining;
    private string? _failure;

    /// <param name="peer">A server that listens, or a client that is connecting.</param>
    /// <param name="parent">Who says what to do.</param>
    /// <param name="others">How many peers it will know when all are there.</param>
    /// <param name="seed">Of its traffic.</param>
    /// <param name="rate">Messages a second and mode.</param>
    public DemoParticipant(MultiplayerPeer peer, ParentLink parent, int others, int seed, double rate)
    {
        _peer = peer;
        _parent = parent;
        _others = others;
        _traffic = new DemoTraffic(peer, seed, rate, _clock);
        peer.PeerConnected += id => _known.Add(id);
        peer.PeerDisconnected += Departed;
        peer.ConnectionFailed += () => _failure = $"could not connect: {ChatText.Why(peer.LastDisconnect)}";
        peer.ServerDisconnected += () => _failure = $"the server has gone: {ChatText.Why(peer.LastDisconnect)}";
    }

    private enum Phase
    {
        Joining,
        Ready,
        Sending,
        Settling,
        Settled,
    }

    /// <summary>Runs until told to leave; returns the exit code.</summary>
    public int Run(Func<bool> isToStop)
    {
        while (_failure is null && !_parent.Gone && !isToStop())
        {
            _peer.Poll(Step);
            _traffic.Receive();
            if (_failure is null && _peer.GetConnectionStatus() == ConnectionStatus.Disconnected)
                _failure = "the peer has stopped; its log says why";
            Advance();
            while (_failure is null && _parent.TryTake(out var word))
            {
                if (word == ParentWord.Leave)
                    return Leave();
                Obey(word);
            }

            TellProgress();
        }

        if (_failure is not null)
            _parent.Tell(new ChildLine.Failed(_failure));
        _peer.Close();
        return ExitCode.Failed;
    }

    private void Advance()
    {
        switch (_phase)
        {
            case Phase.Joining when _peer.GetConnectionStatus() == ConnectionStatus.Connected && _known.Count == _others:
                _phase = Phase.Ready;
                _parent.Tell(new ChildLine.Ready(_peer.GetUniqueId()));
                break;
            case Phase.Sending:
                _traffic.SendDue();
                break;
            case Phase.Settling when _traffic.TryTellStatement() && _traffic.Outstanding(_known) is null:
                _phase = Phase.Settled;
                _parent.Tell(new ChildLine.Settled());
                break;
        }
    }

    private void Obey(ParentWord word)
    {
        switch (word)
        {
            case ParentWord.Go when _phase == Phase.Ready:
                _phase = Phase.Sending;
                _traffic.Begin([.. _known]);
                break;
            case ParentWord.Stop when _phase == Phase.Sending:
                _phase = Phase.Settling;
                break;
            case ParentWord.Report:
                _parent.Tell(_traffic.Report([.. _departures]));
                break;
        }
    }

    private int Leave()
    {
        // The clients have left by now, but what they said last may still be on its way up; an end of the wait shows as a missing departure.
        var started = _clock.Elapsed;
        while (_peer.IsServer() && _known.Count > 0 && _clock.Elapsed - started < LastLeaversTimeout)
            _peer.Poll(Step);
        _peer.Close();
        _parent.Tell(new ChildLine.Left(Environment.CpuUsage.TotalTime.TotalSeconds, _departures));
        return ExitCode.Ok;
    }

    private void Departed(int id)
    {
        _known.Remove(id);
        _departures.Add(new Departure(id, ChatText.Why(_peer.LastDisconnect)));
    }

    private void TellProgress()
    {
        if (_clock.Elapsed < _nextProgress)
            return;
        _nextProgress = _clock.Elapsed + ProgressInterval;
        double rtt = 0, loss = 0;
        long bytesIn = 0, bytesOut = 0;
        var links = 0;

        // A client has one connection; the server shows the mean of its own.
        foreach (var id in _known)
        {
            if (!_peer.IsServer() && id != MultiplayerPeer.TargetPeerServer)
                continue;
            var statistics = _peer.GetPeerStatistics(id);
            rtt += statistics.RoundTripMs;
            loss += statistics.Loss;
            bytesIn += statistics.BytesReceived;
            bytesOut += statistics.BytesSent;
            links++;
        }

        links = Math.Max(1, links);
        var waiting = _phase == Phase.Settling ? _traffic.Outstanding(_known) ?? "" : "";
        _parent.Tell(new ChildLine.Progress(
            _peer.GetUniqueId(), _known.Count, _clock.Elapsed.TotalSeconds, rtt / links, loss / links, _traffic.MessagesIn, _traffic.MessagesOut, bytesIn, bytesOut, waiting));
    }
}
