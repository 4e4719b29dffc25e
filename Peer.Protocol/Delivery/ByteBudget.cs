namespace Peer.Protocol.Delivery;

/// <summary>A cap on bytes that several owners share; one below a parent charges both or neither.</summary>
/// <remarks>Thread-safe. Never more than <see cref="Limit"/> is reserved, not even for a moment.</remarks>
internal sealed class ByteBudget
{
    private readonly ByteBudget? _parent;
    private long _used;

    public ByteBudget(long limit, ByteBudget? parent = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        Limit = limit;
        _parent = parent;
    }

    public long Limit { get; }

    /// <summary>Bytes reserved now.</summary>
    public long Used => Volatile.Read(ref _used);

    /// <summary>Reserves here and in every parent; false, and nothing reserved, where one of them has no room.</summary>
    public bool TryReserve(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        var used = Volatile.Read(ref _used);
        while (true)
        {
            if (bytes > Limit - used)
                return false;
            var seen = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (seen == used)
                break;
            used = seen;
        }

        if (_parent is null || _parent.TryReserve(bytes))
            return true;
        Interlocked.Add(ref _used, -bytes);
        return false;
    }

    /// <summary>Gives bytes back that were reserved.</summary>
    /// <exception cref="InvalidOperationException">More was given back than is reserved: an accounting mistake, which would lift the cap for good.</exception>
    public void Release(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (Interlocked.Add(ref _used, -bytes) < 0)
            throw new InvalidOperationException("more bytes were released than reserved");
        _parent?.Release(bytes);
    }
}
