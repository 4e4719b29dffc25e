using System.Runtime.CompilerServices;
using Peer.Protocol.Delivery;

namespace Peer.Protocol;

/// <summary>Objects that may be used again: where everything of a connection happens on one strand, nothing is allocated for long.</summary>
/// <remarks>
/// One given elsewhere than where such are taken is merely kept there, up to a bound (<see cref="SpareShelves"/>). While released memory is watched nothing is used twice.
/// </remarks>
internal static class Spare<T>
    where T : class
{
    private const int Most = 8192;

    private static readonly int Kind = SpareShelves.NewKind();

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
    private static Shelf<T>? Find() => Unsafe.As<Shelf<T>>(SpareShelves.Current[Kind]);

    private static Shelf<T> Make()
    {
        var shelf = new Shelf<T>(Most);
        SpareShelves.Current[Kind] = shelf;
        return shelf;
    }
}
