namespace Peer.Protocol;

/// <summary>Where <see cref="Spare{T}"/> keeps what may be used again: a thread has shelves of its own, or those of what it works for at the moment.</summary>
/// <remarks>Threads take turns with the same connections; with shelves of theirs one would fill up with what the other must allocate.</remarks>
internal sealed class SpareShelves
{
    private static int _kinds;

    [ThreadStatic]
    private static SpareShelves? _current;

    private object?[] _shelves = new object?[16];

    /// <summary>Those that the current thread uses.</summary>
    public static SpareShelves Current => _current ??= new SpareShelves();

    /// <summary>A number for a kind of objects.</summary>
    public static int NewKind() => Interlocked.Increment(ref _kinds) - 1;

    /// <summary>From here on the current thread uses these; null: its own, made anew.</summary>
    /// <returns>Those that it has used.</returns>
    public static SpareShelves? Use(SpareShelves? shelves)
    {
        var before = _current;
        _current = shelves;
        return before;
    }

    /// <summary>The shelf of a kind, or null.</summary>
    public object? this[int kind]
    {
        get => (uint)kind < (uint)_shelves.Length ? _shelves[kind] : null;
        set
        {
            if (kind >= _shelves.Length)
                Array.Resize(ref _shelves, 2 * kind);
            _shelves[kind] = value;
        }
    }
}
