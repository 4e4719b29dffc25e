namespace Peer.Protocol;

/// <summary>
/// Things to be used again, up to a bound. What a peak has left behind and nobody has taken between two full collections goes by halves, as in the runtime's
/// own pools: memory follows the traffic down as well as up.
/// </summary>
/// <remarks>Not for several threads at once.</remarks>
internal sealed class Shelf<T>(int most)
    where T : class
{
    /// <summary>As few cost nothing.</summary>
    private const int Few = 16;

    private const int GivenBetweenLooks = 64;

    private T?[] _items = new T?[Few];
    private int _count;

    /// <summary>The fewest that lay here since the last full collection: so many nobody needed.</summary>
    private int _fewest;
    private int _collections = GC.CollectionCount(GC.MaxGeneration);
    private int _untilLook = GivenBetweenLooks;

    /// <summary>How many lie here.</summary>
    public int Count => _count;

    /// <summary>One that was given, or null.</summary>
    public T? Take()
    {
        if (_count == 0)
            return null;
        ref var place = ref _items[--_count];
        var item = place;
        place = null;
        if (_count < _fewest)
            _fewest = _count;
        return item;
    }

    /// <summary>Puts one away; beyond the bound it is left to the collector.</summary>
    public void Give(T item)
    {
        if (--_untilLook == 0)
            Look();
        if (_count == _items.Length)
        {
            if (_count >= most)
                return;
            Array.Resize(ref _items, Math.Min(most, _count * 2));
        }

        _items[_count++] = item;
    }

    private void Look()
    {
        _untilLook = GivenBetweenLooks;
        var collections = GC.CollectionCount(GC.MaxGeneration);
        if (collections == _collections)
            return;
        _collections = collections;
        if (_fewest > Few)
        {
            // The lowest have lain longest.
            var surplus = _fewest / 2;
            _count -= surplus;
            Array.Copy(_items, surplus, _items, 0, _count);
            Array.Clear(_items, _count, surplus);
            if (_items.Length > 4 * _count)
                Array.Resize(ref _items, _items.Length / 2);
        }

        _fewest = _count;
    }
}
