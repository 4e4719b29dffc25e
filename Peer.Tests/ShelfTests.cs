using Peer.Protocol;
using Xunit;

namespace Peer.Tests;

public sealed class ShelfTests
{
    private const int Most = 8192;

    [Fact]
    public void What_a_peak_left_behind_goes_from_one_collection_to_the_next()
    {
        var shelf = new Shelf<Thing>(Most);
        WaveUndisturbed(shelf, 4_000);
        Assert.Equal(4_000, shelf.Count);

        for (var collections = 0; collections < 20; collections++)
        {
            Collect();
            for (var wave = 0; wave < 10; wave++)
                Wave(shelf, 40);
        }

        Assert.InRange(shelf.Count, 40, 100);
    }

    [Fact]
    public void What_is_needed_again_and_again_stays()
    {
        var shelf = new Shelf<Thing>(Most);
        for (var wave = 0; wave < 50; wave++)
        {
            Wave(shelf, 4_000);
            Collect();
        }

        WaveUndisturbed(shelf, 4_000);
        Assert.Equal(4_000, shelf.Count);
    }

    [Fact]
    public void A_shelf_is_never_fuller_than_its_bound()
    {
        var shelf = new Shelf<Thing>(100);
        WaveUndisturbed(shelf, 1_000);
        Assert.Equal(100, shelf.Count);
    }

    [Fact]
    public void Nobody_gets_what_somebody_else_has()
    {
        var shelf = new Shelf<Thing>(Most);
        var held = new Stack<Thing>();
        var chance = new Random(7);
        for (var step = 0; step < 100_000; step++)
        {
            if (step % 10_000 == 0)
                Collect();
            if (held.Count > 0 && chance.Next(step / 5_000 % 2 == 0 ? 3 : 5) > 1)
            {
                var back = held.Pop();
                back.IsHeld = false;
                shelf.Give(back);
                continue;
            }

            var item = shelf.Take() ?? new Thing();
            Assert.False(item.IsHeld);
            item.IsHeld = true;
            held.Push(item);
        }
    }

    [Fact]
    public void Threads_that_take_turns_use_the_same_things()
    {
        var shelves = new SpareShelves();
        var item = new Thing();
        On(() => Spare<Thing>.Keep(item));
        Assert.Null(Spare<Thing>.Take());
        On(() => Assert.Same(item, Spare<Thing>.Take()));

        void On(Action act)
        {
            Exception? failure = null;
            var thread = new Thread(() =>
            {
                SpareShelves.Use(shelves);
                failure = Record.Exception(act);
            });
            thread.Start();
            thread.Join();
            Assert.Null(failure);
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true);

    /// <summary>A wave while nobody collects: the tests that run beside this one may, and a second collection within one wave takes from what it gave.</summary>
    private static void WaveUndisturbed(Shelf<Thing> shelf, int together)
    {
        int collections;
        do
        {
            collections = GC.CollectionCount(GC.MaxGeneration);
            Wave(shelf, together);
        }
        while (collections != GC.CollectionCount(GC.MaxGeneration));
    }

    private static void Wave(Shelf<Thing> shelf, int together)
    {
        var held = new List<Thing>();
        for (var i = 0; i < together; i++)
            held.Add(shelf.Take() ?? new Thing());
        held.ForEach(shelf.Give);
    }

    private sealed class Thing
    {
        public bool IsHeld { get; set; }
    }
}
