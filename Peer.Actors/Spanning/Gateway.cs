using System.Buffers;
using Akka.Actor;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Spanning;

/// <summary>
/// Another manager of a spanning room, on another node, and the link to it: what goes there in order, bounded by credit, and what has come from there. To the one who
/// routes it is one receiver, however many peers are behind it.
/// </summary>
/// <param name="manager">The other manager.</param>
/// <param name="isHome">Whether peer 1 is there.</param>
/// <param name="link">Names this end's half.</param>
/// <param name="windowBytes">Bytes that may be on their way.</param>
/// <param name="limitBytes">Bytes that may be on their way or wait.</param>
internal sealed class Gateway(IActorRef manager, bool isHome, ulong link, long windowBytes, long limitBytes)
{
    /// <summary>Items are gathered up to here, and a longer one is cut: the remoting below has a limit of its own.</summary>
    public const int BatchBytes = 64 << 10;

    private ArrayBufferWriter<byte> _open = new();
    private readonly Queue<SpanBatch> _waiting = new();
    private ArrayBufferWriter<byte>? _pieces;
    private long _number;
    private long _sent;
    private long _acknowledged;
    private long _expected;
    private long _handedOn;
    private long _reported;
    private ulong _remote;

    public IActorRef Manager { get; } = manager;

    public bool IsHome { get; } = isHome;

    /// <summary>Peers that are connected there.</summary>
    public HashSet<int> Peers { get; } = [];

    /// <summary>What is on its way there or waits; also what the application may read of the peers there.</summary>
    public PeerGauge Gauge { get; } = new(limitBytes);

    /// <summary>Whether the other end has said who is there.</summary>
    public bool IsOpen => _remote != 0;

    /// <summary>Class of the IDs that it grants, where this end has granted it; 0 elsewhere.</summary>
    public int Slot { get; init; }

    /// <summary>Whether the link is over, and nothing of it counts any more.</summary>
    public bool IsOver { get; set; }

    /// <summary>Whether anybody there may be reached by the target, peer 1 included.</summary>
    public bool IsReached(int target) => (IsHome && Protocol.Routing.Target.Reaches(target, Protocol.Routing.PeerIds.Server))
        || (target > 0 ? Peers.Contains(target) : Peers.Count > 1 || (Peers.Count == 1 && !Peers.Contains(-target)));

    /// <summary>Names this end's half.</summary>
    public ulong Link => link;

    /// <summary>Says who is connected here, as the first word or again.</summary>
    public void Open(int[] peers) => Manager.Tell(new SpanOpen(link, _remote, peers));

    /// <summary>The other end has said who is there: the link consists of both halves from here on.</summary>
    public void Opened(ulong remote) => _remote = remote;

    /// <summary>Whether a message belongs to what the other end opened.</summary>
    public bool IsOf(ulong remote) => IsOpen && remote == _remote;

    /// <summary>Whether there is room for a run; unreliable ones give way first.</summary>
    public bool HasRoomFor(SequenceKey key, int bytes) =>
        Gauge.QueuedBytes + bytes <= (key.Mode == TransferMode.Reliable ? Gauge.LimitBytes : Math.Min(windowBytes, Gauge.LimitBytes));

    /// <summary>Whether more waits than runs alone, which ask for room, can make of it: joins, leaves and credit do not ask.</summary>
    public bool IsOverfull => Gauge.QueuedBytes > Gauge.LimitBytes + (2 * BatchBytes);

    public void AddRun(int sender, int target, SequenceKey key, int messages, int credit, ReadOnlySpan<byte> bytes)
    {
        SpanItems.WriteRun(_open, sender, target, key, messages, credit, bytes);
        if (_open.WrittenCount >= BatchBytes)
            Flush();
    }

    /// <summary>Where other items are written.</summary>
    public IBufferWriter<byte> Items => _open;

    /// <summary>Sends what the other end has room for.</summary>
    public void Flush()
    {
        Cut();
        while (_waiting.TryPeek(out var batch) && _sent - _acknowledged < windowBytes)
        {
            _waiting.Dequeue();
            _sent += batch.Bytes.Length;
            Manager.Tell(batch);
        }
    }

    /// <summary>The other end has handed on so much.</summary>
    public void Acknowledge(long total)
    {
        if (total <= _acknowledged || total > _sent)
            return;
        Gauge.Remove(total - _acknowledged);
        _acknowledged = total;
        Flush();
    }

    /// <summary>Takes a batch; false when one is missing, or it would grow beyond what any item needs.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="mostBytes">Longest item.</param>
    /// <param name="items">Complete items, or null when the rest is to come.</param>
    public bool TryTake(SpanBatch batch, int mostBytes, out byte[]? items)
    {
        items = null;
        if (batch.Number != _expected)
            return false;
        _expected++;
        _handedOn += batch.Bytes.Length;
        if (_pieces is null && batch.Last)
        {
            items = batch.Bytes;
            return true;
        }

        _pieces ??= new ArrayBufferWriter<byte>(BatchBytes * 2);
        if (_pieces.WrittenCount + batch.Bytes.Length > mostBytes + (2 * BatchBytes))
            return false;
        _pieces.Write(batch.Bytes);
        if (!batch.Last)
            return true;
        items = _pieces.WrittenSpan.ToArray();
        _pieces = null;
        return true;
    }

    /// <summary>What was taken has been handed on: tells the other end now and then.</summary>
    public void Report()
    {
        if (_handedOn - _reported < windowBytes / 8)
            return;
        _reported = _handedOn;
        Manager.Tell(new SpanCredit(link, _handedOn));
    }

    public void Break(string cause) => Manager.Tell(new SpanBroken(link, cause));

    private void Cut()
    {
        var bytes = _open.WrittenMemory;
        Gauge.Add(bytes.Length);
        while (bytes.Length > 0)
        {
            var piece = bytes[..Math.Min(bytes.Length, BatchBytes + (BatchBytes / 4))];
            bytes = bytes[piece.Length..];
            _waiting.Enqueue(new SpanBatch(link, _number++, bytes.IsEmpty, piece.ToArray()));
        }

        // A long message must not keep its memory here.
        if (_open.Capacity > BatchBytes * 4)
            _open = new ArrayBufferWriter<byte>();
        else
            _open.ResetWrittenCount();
    }
}
