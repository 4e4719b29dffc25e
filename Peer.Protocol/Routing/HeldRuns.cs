using Peer.Protocol.Delivery;

namespace Peer.Protocol.Routing;

/// <summary>
/// Runs of one peer that cannot be handed on yet, a queue for each sequence: those whose sequence waits for the peer to come back are not looked at until it does, however often others are taken.
/// </summary>
internal sealed class HeldRuns
{
    /// <summary>A queue that was much longer than it is now keeps room for so many times what is in it.</summary>
    private const int Spare = 2;

    private readonly Dictionary<SequenceKey, Queue<(long Number, DeliveredRun Run)>> _sequences = [];
    private long _next;

    /// <summary>All of them.</summary>
    public IEnumerable<DeliveredRun> All => _sequences.Values.SelectMany(sequence => sequence.Select(held => held.Run));

    /// <summary>For how many there is memory.</summary>
    public int Capacity => _sequences.Values.Sum(sequence => sequence.Capacity);

    public bool IsEmpty => _sequences.Count == 0;

    public void Add(in DeliveredRun run)
    {
        if (!_sequences.TryGetValue(run.Key, out var sequence))
            _sequences.Add(run.Key, sequence = new());
        sequence.Enqueue((_next++, run));
    }

    /// <summary>Takes out the one that came first among those of sequences that may go on.</summary>
    /// <param name="ended">Channels whose reliable sequence has ended until the peer comes back.</param>
    /// <param name="run">The run.</param>
    public bool TryTake(HashSet<byte>? ended, out DeliveredRun run)
    {
        Queue<(long Number, DeliveredRun Run)>? earliest = null;
        foreach (var (key, sequence) in _sequences)
        {
            if (!HasEnded(key, ended) && (earliest is null || sequence.Peek().Number < earliest.Peek().Number))
                earliest = sequence;
        }

        run = earliest is null ? default : Take(earliest);
        return earliest is not null;
    }

    /// <summary>Takes out all that is not reliable: it does not wait for a peer that has left.</summary>
    public IEnumerable<DeliveredRun> TakeUnreliable()
    {
        foreach (var (_, sequence) in _sequences.Where(pair => pair.Key.Mode != TransferMode.Reliable).ToArray())
        {
            for (var left = sequence.Count; left > 0; left--)
                yield return Take(sequence);
        }
    }

    /// <summary>Nobody waits for their credit any more.</summary>
    public void ForgetCredit()
    {
        foreach (var sequence in _sequences.Values)
        {
            for (var left = sequence.Count; left > 0; left--)
            {
                var (number, run) = sequence.Dequeue();
                sequence.Enqueue((number, run with { CreditBytes = 0 }));
            }
        }
    }

    /// <summary>Takes out the first; memory follows what is held, which is all that is charged.</summary>
    private DeliveredRun Take(Queue<(long Number, DeliveredRun Run)> sequence)
    {
        var run = sequence.Dequeue().Run;
        if (sequence.Count == 0)
            _sequences.Remove(run.Key);
        else if (sequence.Count < sequence.Capacity / (2 * Spare))
            sequence.TrimExcess(Spare * sequence.Count);
        return run;
    }

    /// <summary>Whether what comes in a sequence lies behind its end, and so is of one who comes back.</summary>
    public static bool HasEnded(SequenceKey key, HashSet<byte>? ended) => key.Mode == TransferMode.Reliable && ended?.Contains(key.Channel) == true;
}
