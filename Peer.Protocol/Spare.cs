using System.Runtime.CompilerServices;
using Peer.Protocol.Delivery;

namespace Peer.Protocol;

/// <summary>Objects that the current thread may use again: where everything of a connection happens on one thread, nothing is allocated for long.</summary>
/// <remarks>One given by another thread than takes is merely kept there, up to a bound. While released memory is watched nothing is used twice.</remarks>
internal static class Spare<T>
    where T : class
{
    private const int Most = 8192;

    [ThreadStatic]
    private static Shelf? _shelf;

    /// <summary>One that was given, or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T? Take() => _shelf?.Take();

    /// <summary>Puts one away that nobody else has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Give(T item)
    {
        if (ReleasedMemory.Watch is null)
            (_shelf ??= new Shelf()).Give(item);
    }

    /// <summary>Puts one away even while released memory is watched: for what nobody but its owner ever sees.</summary>
    public static void Keep(T item) => (_shelf ??= new Shelf()).Give(item);

    private sealed class Shelf
    {
        private T?[] _items = new T?[16];
        private int _count;

        public T? Take()
        {
            if (_count == 0)
                return null;
            ref var place = ref _items[--_count];
            var item = place;
            place = null;
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
        }
    }
}
