namespace Peer.Protocol.Delivery;

/// <summary>The partial messages of one unreliable sequence: few, bounded in bytes and in time, the oldest gives way.</summary>
internal sealed class PartialMessages(DeliverySettings settings, ByteBudget budget)
{
    /// <summary>Groups open at once; it also bounds the work of a lookup.</summary>
    public const int MaxGroups = 64;

    /// <summary>What a piece costs beside its bytes, so that a flood of tiny ones is bounded too.</summary>
    public const int PieceOverhead = 64;

    /// <summary>Sorted by their first number.</summary>
    private readonly List<PartialMessage> _groups = [];

    /// <summary>Groups that begin here or before and are not open were given up: their other pieces are late.</summary>
    private long _givenUp = -1;

    /// <summary>Groups given up, for whatever reason.</summary>
    public long Abandoned { get; private set; }

    public long NextDeadline
    {
        get
        {
            var next = long.MaxValue;
            foreach (var group in _groups)
                next = Math.Min(next, group.Deadline);
            return next;
        }
    }

    /// <summary>Takes a piece in. Its group comes back when that made it complete; it is not kept here any longer then.</summary>
    public InboundVerdict Add(long start, in InboundFrame piece, long now, out PartialMessage? complete)
    {
        complete = null;
        var at = Find(start);
        if (at < 0)
        {
            at = ~at;
            if (start <= _givenUp)
                return InboundVerdict.Late;
            if (Overlaps(at, start, piece.FragmentCount))
                return InboundVerdict.Violation;
            var created = new MessageAssembly(piece.FragmentCount, piece.Peer, settings.MaxMessageBytes);
            if (!created.Admits(piece))
                return InboundVerdict.Violation;
            if (_groups.Count == MaxGroups)
            {
                if (at == 0)
                    return InboundVerdict.OverBudget;
                GiveUp(0);
                at--;
            }

            _groups.Insert(at, new PartialMessage(start, created, now + settings.PartialTimeout));
        }
        else if (_groups[at].Contains(piece.FragmentIndex))
        {
            return InboundVerdict.Duplicate;
        }
        else if (!_groups[at].Assembly.Admits(piece))
        {
            return InboundVerdict.Violation;
        }

        var cost = piece.Payload.Length + PieceOverhead;
        for (; !budget.TryReserve(cost); at--)
        {
            GiveUp(0);
            if (at == 0)
                return InboundVerdict.OverBudget;
        }

        var group = _groups[at];
        group.Reserved += cost;
        group.Add(piece.FragmentIndex, piece.Payload.Span);
        if (group.Assembly.IsComplete)
        {
            complete = group;
            Remove(at);
        }

        return InboundVerdict.Accepted;
    }

    /// <summary>Gives up every group that begins before a number.</summary>
    public void GiveUpBefore(long sequence)
    {
        while (_groups.Count > 0 && _groups[0].Start < sequence)
            GiveUp(0);
    }

    public void Expire(long now)
    {
        for (var i = _groups.Count - 1; i >= 0; i--)
        {
            if (_groups[i].Deadline <= now)
                GiveUp(i);
        }
    }

    public void Clear()
    {
        foreach (var group in _groups)
        {
            budget.Release(group.Reserved);
            group.Assembly.Abandon();
        }

        _groups.Clear();
    }

    private void GiveUp(int at)
    {
        Abandoned++;
        _givenUp = Math.Max(_givenUp, _groups[at].Start);
        _groups[at].Assembly.Abandon();
        Remove(at);
    }

    private void Remove(int at)
    {
        budget.Release(_groups[at].Reserved);
        _groups.RemoveAt(at);
    }

    private bool Overlaps(int at, long start, int count) =>
        (at > 0 && _groups[at - 1].End > start) || (at < _groups.Count && start + count > _groups[at].Start);

    private int Find(long start)
    {
        var low = 0;
        var high = _groups.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_groups[middle].Start == start)
                return middle;
            if (_groups[middle].Start < start)
                low = middle + 1;
            else
                high = middle - 1;
        }

        return ~low;
    }
}
