using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;

namespace Peer.Actors.Facade;

/// <summary>Where the caller's thread leaves packets for the manager: open runs per (target, channel, mode), so that a packet costs a copy and no message.</summary>
/// <remarks>
/// A (channel, mode) is one sequence whatever the targets, so whoever receives two of its packets receives them in the order of the calls: a run is closed
/// when another of its sequence opens that has a receiver in common with it. Two different single peers have none.
/// </remarks>
internal sealed class Outbox
{
    /// <summary>Bytes at which a run is closed; a larger message is a run of its own.</summary>
    public const int RunBytes = 64 * 1024;

    // Targets come and go on a server; past this many remembered ones a drain forgets them all.
    private const int RememberedRuns = 1024;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, OpenRun> _known = [];
    private readonly Dictionary<int, SequenceRuns> _sequences = [];
    private readonly List<Slot> _slots = [];
    private OpenRun? _last;
    private long _pendingBytes;
    private bool _rung;

    /// <summary>Bytes that nobody has drained yet, length prefixes included. Any thread may ask.</summary>
    public long PendingBytes => Volatile.Read(ref _pendingBytes);

    /// <summary>Copies a payload of at least one byte into its run. True when the manager must be told, once until the next drain.</summary>
    public bool Append(int target, SequenceKey key, ReadOnlySpan<byte> payload)
    {
        var size = Varint.Size((ulong)payload.Length) + payload.Length;
        lock (_gate)
        {
            var id = ((long)target << 10) | (uint)key.Index;
            var open = _last;
            if (open is null || open.Id != id)
            {
                _last = open = Find(id, target, key);
                CloseOverlapping(open);
            }

            if (open.Slot >= 0 && open.Writer.Length + size > RunBytes)
                CloseRun(open);
            if (open.Slot < 0)
            {
                open.Slot = _slots.Count;
                _slots.Add(new Slot(open, null));
                open.Sequence.Opened(open);
            }

            open.Writer.Append(payload);
            if (open.Writer.Length >= RunBytes)
                CloseRun(open);
            Volatile.Write(ref _pendingBytes, _pendingBytes + size);
            var ring = !_rung;
            _rung = true;
            return ring;
        }
    }

    /// <summary>Hands over all runs in the order in which they were opened, the open ones too; the next append rings again.</summary>
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
            foreach (var sequence in _sequences.Values)
                sequence.Forget();
            Volatile.Write(ref _pendingBytes, 0);
            _rung = false;
            if (_known.Count > RememberedRuns)
            {
                _known.Clear();
                _sequences.Clear();
                _last = null;
            }
        }
    }

    private OpenRun Find(long id, int target, SequenceKey key)
    {
        if (!_known.TryGetValue(id, out var open))
        {
            if (!_sequences.TryGetValue(key.Index, out var sequence))
                _sequences.Add(key.Index, sequence = new SequenceRuns());
            _known.Add(id, open = new OpenRun(id, new RunWriter(key, target), sequence));
        }

        return open;
    }

    private void CloseOverlapping(OpenRun opening)
    {
        var sequence = opening.Sequence;
        if (sequence.ToMany is { Slot: >= 0 } many && many != opening)
            CloseRun(many);
        if (opening.IsToOne)
            return;
        foreach (var one in sequence.ToOne)
        {
            if (one.Slot >= 0)
                CloseRun(one);
        }

        sequence.ToOne.Clear();
    }

    private void CloseRun(OpenRun open)
    {
        _slots[open.Slot] = new Slot(open, open.Writer.Take());
        open.Slot = -1;
    }

    /// <summary>The open runs of one (channel, mode).</summary>
    private sealed class SequenceRuns
    {
        /// <summary>The one to a group, if there is any.</summary>
        public OpenRun? ToMany { get; private set; }

        /// <summary>Those to single peers.</summary>
        public List<OpenRun> ToOne { get; } = [];

        public void Opened(OpenRun run)
        {
            if (run.IsToOne)
                ToOne.Add(run);
            else
                ToMany = run;
        }

        public void Forget()
        {
            ToMany = null;
            ToOne.Clear();
        }
    }

    private sealed class OpenRun(long id, RunWriter writer, SequenceRuns sequence)
    {
        public long Id { get; } = id;

        public RunWriter Writer { get; } = writer;

        public SequenceRuns Sequence { get; } = sequence;

        public bool IsToOne => Writer.Peer > 0;

        /// <summary>Its place in the order, -1 while nothing is written.</summary>
        public int Slot { get; set; } = -1;
    }

    private readonly record struct Slot(OpenRun Open, Run? Closed);
}
