using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;

namespace Peer.Actors.Facade;

/// <summary>Where the caller's thread leaves packets for the manager: one open run per (target, channel, mode), so that a packet costs a copy and no message.</summary>
/// <remarks>
/// The open runs of one (channel, mode) never share a recipient: whoever gets packets by several targets gets them in the order in which they were put.
/// </remarks>
internal sealed class Outbox
{
    /// <summary>Bytes at which a run is closed; a larger message is a run of its own.</summary>
    public const int RunBytes = 64 * 1024;

    // Targets come and go on a server; past this many remembered ones a drain forgets them all.
    private const int RememberedRuns = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, OpenRun> _known = [];
    private readonly Dictionary<int, List<OpenRun>> _openOf = [];
    private readonly List<Slot> _slots = [];
    private OpenRun? _last;
    private long _pendingBytes;
    private int _turn;
    private bool _rung;

    /// <summary>Bytes that are in nobody's queue yet, length prefixes included. Any thread may ask.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>
    /// Odd while a run is being routed, when it counts here and in the queues that it is already in; another number afterwards. Any thread may ask.
    /// </summary>
    public int Turn => Volatile.Read(ref _turn);

    /// <summary>Copies a payload of at least one byte into its run. True when the manager must be told, once until the next drain.</summary>
    public bool Append(int target, SequenceKey key, ReadOnlySpan<byte> payload)
    {
        var size = Varint.Size((ulong)payload.Length) + payload.Length;
        lock (_gate)
        {
            var id = ((long)target << 10) | (uint)key.Index;
            var open = _last;
            if (open is null || open.Id != id)
                _last = open = Find(id, target, key);
            if (open.Slot >= 0 && open.Writer.Length + size > RunBytes)
                CloseRun(open);
            if (open.Slot < 0)
                Open(open, key);

            open.Writer.Append(payload);
            if (open.Writer.Length >= RunBytes)
                CloseRun(open);
            Volatile.Write(ref _pendingBytes, _pendingBytes + size);
            var ring = !_rung;
            _rung = true;
            return ring;
        }
    }

    /// <summary>
    /// Hands over all runs in the order in which they were opened, the open ones too; the next append rings again. Their bytes are pending until they have been <see cref="Routed"/>, or whoever puts
    /// meanwhile would see neither them nor the queues that they fill.
    /// </summary>
    public void Drain(List<Run> into)
    {
        lock (_gate)
        {
            foreach (var slot in _slots)
            {
                if (slot.Closed is not null)
                {
                    into.Add(slot.Closed);
                    continue;
                }

                // Empty when an append failed for want of memory.
                slot.Open.Slot = -1;
                if (slot.Open.Writer.Length > 0)
                    into.Add(slot.Open.Writer.Take());
            }

            _slots.Clear();
            foreach (var runs in _openOf.Values)
                runs.Clear();
            _rung = false;
            if (_known.Count > RememberedRuns)
            {
                _known.Clear();
                _last = null;
            }
        }
    }

    /// <summary>A run that was handed over is about to be put into the queues of its receivers.</summary>
    public void BeginRouting() => Interlocked.Increment(ref _turn);

    /// <summary>It is in all of them, or has no receivers.</summary>
    public void Routed(Run run)
    {
        lock (_gate)
            Volatile.Write(ref _pendingBytes, _pendingBytes - run.Bytes.Length);
        Interlocked.Increment(ref _turn);
    }

    private OpenRun Find(long id, int target, SequenceKey key)
    {
        if (!_known.TryGetValue(id, out var open))
            _known.Add(id, open = new OpenRun(id, target, new RunWriter(key, target)));
        return open;
    }

    private void Open(OpenRun open, SequenceKey key)
    {
        if (!_openOf.TryGetValue(key.Index, out var others))
            _openOf.Add(key.Index, others = []);

        // Packets for two single peers cannot overtake each other for anybody. All others can: so the earlier run ends here.
        if (open.Target <= 0 || others is [{ Target: <= 0 }])
        {
            foreach (var other in others)
            {
                if (other.Slot >= 0)
                    CloseRun(other);
            }

            others.Clear();
        }

        others.Add(open);
        open.Slot = _slots.Count;
        _slots.Add(new Slot(open, null));
    }

    private void CloseRun(OpenRun open)
    {
        _slots[open.Slot] = new Slot(open, open.Writer.Take());
        open.Slot = -1;
    }

    private sealed class OpenRun(long id, int target, RunWriter writer)
    {
        public long Id { get; } = id;

        public int Target { get; } = target;

        public RunWriter Writer { get; } = writer;

        /// <summary>Its place in the order, -1 while nothing is written.</summary>
        public int Slot { get; set; } = -1;
    }

    private readonly record struct Slot(OpenRun Open, Run? Closed);
}
