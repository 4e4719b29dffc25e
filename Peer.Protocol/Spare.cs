using System.Runtime.CompilerServices;
using Peer.Protocol.Delivery;

namespace Peer.Protocol;

/// <summary>Objects that may be used again: where everything of a connection happens on one strand, nothing is allocated for long.</summary>
/// <remarks>
/// One given elsewhere than where such are taken is merely kept there, up to a bound (<see cref="SpareShelves"/>). While released memory is watched nothing is used twice.
/// What a peak has left behind and nobody takes any more goes bit by bit as others come and go.
/// </remarks>
internal static class Spare<T>
    where T : class
{
    private const int Most = 8192;

    /// <summary>How often all that lie here must have been replaced before those that were never taken are too many.</summary>
    private const int Turns = 2;

    private const int Few = 256;

    private static readonly int Kind = SpareShelves.NewKind();

    /// <summary>How many wait for the current thread.</summary>
    internal static int Waiting => Find()?.Count ?? 0;

    /// <summary>One that was given, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T? Take() => Find()?.Take();

    /// <summary>Puts one away that nobody else has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Give(T item)
    {
        if (ReleasedMemory.Watch is null)
            Keep(item);
    }

    /// <summary>Puts one away even while released memory is watched: for what nobody but its owner ever sees.</summary>
    public static void Keep(T item) => (Find() ?? Make()).Give(item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Shelf? Find() => Unsafe.As<Shelf>(SpareShelves.Current[Kind]);

    private static Shelf Make()
    {
        var shelf = new Shelf();
        SpareShelves.Current[Kind] = shelf;
        return shelf;
    }

    private sealed class Shelf
    {
        private T?[] _items = new T?[16];
        private int _count;

        /// <summary>The fewest that lay here since the last look: so many nobody needed.</summary>
        private int _fewest;
        private int _givenSince;

        public int Count => _count;

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

        public void Give(T item)
        {
            if (_count == _items.Length)
            {
                if (_count == Most)
                    return;
                Array.Resize(ref _items, _count * 2);
            }

            _items[_count++] = item;
            if (++_givenSince > Turns * _count)
                Look();
        }

        private void Look()
        {
            // Few cost nothing; and a look for each handful would cost more than it gives back.
            if (_count >= Few)
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
            _givenSince = 0;
        }
    }
}
