using Peer.Protocol.Recovery;

namespace Peer.Tests.Recovery;

/// <summary>What the simulated path is like; times in microseconds, rates in bytes a second.</summary>
internal sealed record PathShape
{
    public long Rate { get; init; } = 12_500_000;

    public long OneWay { get; init; } = 50_000;

    public long Queue { get; init; } = 1_250_000;

    public double Loss { get; init; }

    /// <summary>Loss of acknowledgements.</summary>
    public double LossBack { get; init; }

    /// <summary>Extra delay of each packet, uniform from 0 to this: it reorders.</summary>
    public long Jitter { get; init; }

    /// <summary>The sender's timers fire on multiples of this only.</summary>
    public long TimerStep { get; init; } = 10_000;

    /// <summary>Acknowledgements reach the sender's loop on multiples of this only, as if its thread slept between.</summary>
    public long WakeStep { get; init; } = 1;

    public int Seed { get; init; } = 1;
}

/// <summary>A sender with always something to send, a bottleneck with a finite queue, and a receiver that acknowledges, in virtual time.</summary>
internal sealed class SimulatedLink : IRecoveryHandler<int>
{
    public const int Datagram = 1_200;
    private const long Start = -7_000_000;

    private readonly PathShape _path;
    private readonly Random _random;
    private readonly PriorityQueue<(long Number, long AckSeen), (long At, long Order)> _forward = new();
    private readonly Queue<(long At, byte[] Bytes, int Length)> _back = new();
    private readonly Stack<byte[]> _buffers = new();
    private readonly ReceivedPackets _received;
    private readonly List<byte> _fate = [];
    private readonly List<bool> _arrived = [];
    private double _bottleneckFree = Start;
    private long _ackSeen = -1;
    private long _wakeAt;
    private long _order;

    public SimulatedLink(PathShape path, RecoverySettings? settings = null)
    {
        _path = path;
        _random = new Random(path.Seed);
        Recovery = new LossRecovery<int>(settings ?? RecoverySettings.Default, Start);
        _received = new ReceivedPackets(settings ?? RecoverySettings.Default);
        Now = Start;
        _wakeAt = Start;
    }

    public LossRecovery<int> Recovery { get; }

    public long Now { get; private set; }

    /// <summary>While true the path loses everything in both directions.</summary>
    public bool Dead { get; set; }

    /// <summary>While false the sender has nothing to send but the probes it owes.</summary>
    public bool Greedy { get; set; } = true;

    public long Rate { get; set; }

    public long ArrivedBytes { get; private set; }

    public long QueueDrops { get; private set; }

    /// <summary>The largest and the mean round-trip sample since the last reset.</summary>
    public long WorstRtt { get; private set; }

    public double MeanRtt => _rttCount == 0 ? 0 : (double)_rttSum / _rttCount;

    public List<string> Complaints { get; } = [];

    public int Unended => _fate.Count(fate => fate == 0);

    private long _rttSum;
    private long _rttCount;

    /// <summary>Runs for so long and returns the bytes a second that arrived meanwhile.</summary>
    public double RunFor(long duration)
    {
        var until = Now + duration;
        var before = ArrivedBytes;
        WorstRtt = 0;
        _rttSum = 0;
        _rttCount = 0;
        while (true)
        {
            var next = Math.Min(_wakeAt, _received.AckDeadline);
            if (_forward.TryPeek(out _, out var first))
                next = Math.Min(next, first.At);
            if (_back.TryPeek(out var ack))
                next = Math.Min(next, ack.At);
            if (next > until)
                break;
            Now = Math.Max(Now, next);
            Arrive();
            if (TakeAcks() || _wakeAt <= Now)
                Wake();
        }

        Now = until;
        return (ArrivedBytes - before) * 1e6 / duration;
    }

    public void Acknowledged(SentPacket<int> packet)
    {
        if (!_arrived[(int)packet.Number])
            Complaints.Add($"{packet.Number} never arrived");
        End(packet, 1);
    }

    public void Lost(SentPacket<int> packet) => End(packet, 2);

    private void End(SentPacket<int> packet, byte how)
    {
        var number = (int)packet.Number;
        if (_fate[number] != 0)
            Complaints.Add($"{number} ended twice");
        if (packet.Frames.Count != 1 || packet.Frames[0] != number)
            Complaints.Add($"{number} came back with the frames of another");
        _fate[number] = how;
    }

    private void Arrive()
    {
        while (_forward.TryPeek(out var packet, out var due) && due.At <= Now)
        {
            _forward.Dequeue();
            _arrived[(int)packet.Number] = true;
            ArrivedBytes += Datagram;
            _received.Record(packet.Number, Now, true);
            if (packet.AckSeen >= 0)
                _received.AcknowledgementArrived(packet.AckSeen);
            if (_received.AckOwed(Now))
                SendAck();
        }

        if (_received.AckOwed(Now))
            SendAck();
    }

    private void SendAck()
    {
        var buffer = _buffers.Count > 0 ? _buffers.Pop() : new byte[400];
        var length = _received.WriteAck(buffer, Now);
        if (Dead || _random.NextDouble() < _path.LossBack)
        {
            _buffers.Push(buffer);
            return;
        }

        var at = Now + _path.OneWay;
        _back.Enqueue((RoundUp(at, _path.WakeStep), buffer, length));
    }

    private bool TakeAcks()
    {
        var any = false;
        while (_back.TryPeek(out var item) && item.At <= Now)
        {
            _back.Dequeue();
            any = true;
            if (!AckFrame.TryRead(item.Bytes.AsSpan(1, item.Length - 1), out var ack, out _))
                Complaints.Add("an ACK frame cannot be read");
            if (Recovery.Acknowledge(ack, Now, this) == AckVerdict.Violation)
                Complaints.Add("an honest ACK frame was called a violation");
            _ackSeen = Math.Max(_ackSeen, ack.Largest);
            WorstRtt = Math.Max(WorstRtt, Recovery.Rtt.Latest);
            _rttSum += Recovery.Rtt.Latest;
            _rttCount++;
            _buffers.Push(item.Bytes);
        }

        return any;
    }

    private void Wake()
    {
        if (Recovery.NextTimeout <= Now)
            Recovery.HandleTimeout(Now, this);
        while ((Greedy || Recovery.ProbesOwed > 0) && Recovery.CanSend(Datagram, Now))
            Send();
        if (!Greedy)
            Recovery.NothingToSend(Now);
        var next = Math.Min(Greedy ? Recovery.NextSendTime(Datagram, Now) : long.MaxValue, Recovery.NextTimeout);
        _wakeAt = next == long.MaxValue ? long.MaxValue : RoundUp(Math.Max(next, Now + 1), _path.TimerStep);
    }

    public void Send()
    {
        var number = _fate.Count;
        Recovery.Sent(number, Datagram, true, false, Now).Frames.Add(number);
        _fate.Add(0);
        _arrived.Add(false);
        if (Dead || _random.NextDouble() < _path.Loss)
            return;
        var rate = Rate > 0 ? Rate : _path.Rate;
        var free = Math.Max(_bottleneckFree, Now);
        if ((free - Now) * 1e-6 * rate > _path.Queue)
        {
            QueueDrops++;
            return;
        }

        _bottleneckFree = free + (Datagram * 1e6 / rate);
        var jitter = _path.Jitter > 0 ? _random.NextInt64(_path.Jitter + 1) : 0;
        _forward.Enqueue((number, _ackSeen), ((long)_bottleneckFree + _path.OneWay + jitter, _order++));
    }

    private static long RoundUp(long at, long step)
    {
        var over = ((at % step) + step) % step;
        return over == 0 ? at : at + step - over;
    }
}
