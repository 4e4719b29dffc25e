using System.Diagnostics;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>What a child puts and takes, and the ledgers of both.</summary>
internal sealed class DemoTraffic
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(25);
    private const int MaxRttSamples = 200_000;

    private readonly MultiplayerPeer _peer;
    private readonly int _seed;
    private readonly Stopwatch _clock;
    private readonly (TransferMode Mode, SendPace Pace)[] _paces;
    private readonly SentLedger _sent = new();
    private readonly ReceivedLedger _received = new();
    private readonly Dictionary<int, IReadOnlyList<SentRow>> _statements = [];
    private readonly Dictionary<int, long> _probes = [];
    private readonly List<long> _rttUs = [];
    private readonly byte[] _buffer = new byte[DemoMessage.MaxSize];
    private TrafficMix? _mix;
    private TimeSpan _began;
    private TimeSpan _nextProbe;
    private int _probeNumber;
    private bool _statementTold;
    private int _corrupted;
    private string _firstCorruption = "";

    public DemoTraffic(MultiplayerPeer peer, int seed, double rate, Stopwatch clock)
    {
        _peer = peer;
        _seed = seed;
        _clock = clock;
        _paces = [.. ModeName.All.Select(mode => (mode, new SendPace(rate)))];
    }

    public long MessagesIn => _received.Total;

    public long MessagesOut => _sent.Total;

    /// <summary>Everybody is there: sending starts.</summary>
    public void Begin(IReadOnlyList<int> others)
    {
        _mix = new TrafficMix(_seed, _peer.GetUniqueId(), others);
        _began = _nextProbe = _clock.Elapsed;
    }

    /// <summary>Puts what is due by now.</summary>
    public void SendDue()
    {
        var elapsed = _clock.Elapsed - _began;
        foreach (var (mode, pace) in _paces)
        {
            while (pace.TryTake(elapsed))
            {
                if (SendOne(mode))
                    continue;
                pace.Return();
                break;
            }
        }

        if (_peer.IsServer() || _clock.Elapsed < _nextProbe)
            return;
        _nextProbe = _clock.Elapsed + ProbeInterval;
        var probe = new StreamKey(_peer.GetUniqueId(), MultiplayerPeer.TargetPeerServer, TrafficMix.ProbeChannel, TransferMode.Reliable);
        _probes[++_probeNumber] = Stopwatch.GetTimestamp();
        Put(probe, DemoMessage.Write(_buffer, DemoMessage.HeaderSize, DemoMessageKind.Probe, probe, _probeNumber));
    }

    /// <summary>Takes all packets that are there.</summary>
    public void Receive()
    {
        while (_peer.TryGetPacket(out var packet))
            Take(packet);
    }

    /// <summary>Tells everybody how much was put; true once that has been accepted.</summary>
    public bool TryTellStatement()
    {
        if (_statementTold)
            return true;
        var stream = new StreamKey(_peer.GetUniqueId(), MultiplayerPeer.TargetPeerBroadcast, TrafficMix.StatementChannel, TransferMode.Reliable);
        _statementTold = Put(stream, Statement.Write(stream, _sent.Rows()));
        return _statementTold;
    }

    /// <summary>What reliable has not arrived yet, in words; null when all has.</summary>
    public string? Outstanding(IReadOnlyCollection<int> others)
    {
        var self = _peer.GetUniqueId();
        foreach (var sender in others)
        {
            if (!_statements.TryGetValue(sender, out var rows))
                return $"the end mark of {sender}";
            foreach (var row in rows)
            {
                var stream = new StreamKey(sender, row.Target, row.Channel, row.Mode);
                if (stream.Reaches(self) && _received.Received(stream) < row.Count)
                    return $"{stream}: {_received.Received(stream)} of {row.Count}";
            }
        }

        return null;
    }

    public ChildLine.FinalReport Report(IReadOnlyList<Departure> departures) => new(
        new PeerLedger(_peer.GetUniqueId(), [.. _sent.Rows()], [.. _received.Rows()]),
        _rttUs,
        _corrupted,
        _firstCorruption,
        departures);

    private bool SendOne(TransferMode mode)
    {
        var (stream, size) = _mix!.Next(mode);
        if (!Put(stream, DemoMessage.Write(_buffer, size, DemoMessageKind.Traffic, stream, _sent.NextNumber(stream))))
            return false;
        _sent.Record(stream);
        return true;
    }

    // False when the queues are full: the message was not taken and keeps its number. Anything else goes to pieces in the ledger.
    private bool Put(StreamKey stream, ReadOnlySpan<byte> message)
    {
        _peer.TransferMode = stream.Mode;
        _peer.TransferChannel = stream.Channel;
        _peer.SetTargetPeer(stream.Target);
        return _peer.PutPacket(message) == Error.Ok;
    }

    private void Take(in ReceivedPacket packet)
    {
        var message = packet.Payload.Span;
        if (!DemoMessage.TryRead(message, out var kind, out var stream, out var number))
        {
            Corrupt($"{message.Length} bytes of {packet.Peer} that are no message of the demo");
            return;
        }

        if (stream.Sender != packet.Peer || stream.Channel != packet.Channel || stream.Mode != packet.Mode || !stream.Reaches(_peer.GetUniqueId()))
        {
            Corrupt($"{stream}, number {number}, came as a packet of {packet.Peer}, channel {packet.Channel}, {ModeName.Of(packet.Mode)}");
            return;
        }

        switch (kind)
        {
            case DemoMessageKind.Traffic when DemoMessage.IsIntact(message, number):
                _received.Record(stream, number);
                break;
            case DemoMessageKind.Probe when _peer.IsServer():
                var echo = new StreamKey(_peer.GetUniqueId(), stream.Sender, TrafficMix.ProbeChannel, TransferMode.Reliable);
                Put(echo, DemoMessage.Write(_buffer, DemoMessage.HeaderSize, DemoMessageKind.Echo, echo, number));
                break;
            case DemoMessageKind.Echo when _probes.Remove(number, out var sentAt):
                if (_rttUs.Count < MaxRttSamples)
                    _rttUs.Add((long)Stopwatch.GetElapsedTime(sentAt).TotalMicroseconds);
                break;
            case DemoMessageKind.Statement when Statement.Read(message) is { } rows:
                _statements[stream.Sender] = rows;
                break;
            default:
                Corrupt($"{stream}, number {number}: the content of its {message.Length} bytes ({kind}) is not what was sent");
                break;
        }
    }

    private void Corrupt(string what)
    {
        if (_corrupted++ == 0)
            _firstCorruption = what;
    }
}
