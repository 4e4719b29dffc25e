using Peer.Protocol;
using Xunit;

namespace Peer.Tests;

public sealed class SpareTests
{
    [Fact]
    public void What_a_peak_left_behind_goes_while_others_come_and_go()
    {
        Pass<OfThePeak>(4_000, together: 4_000);
        Assert.Equal(4_000, Spare<OfThePeak>.Waiting);

        Pass<OfThePeak>(200_000, together: 40);

        Assert.InRange(Spare<OfThePeak>.Waiting, 40, 400);
    }

    [Fact]
    public void What_is_needed_again_and_again_stays()
    {
        for (var wave = 0; wave < 50; wave++)
            Pass<OfTheWaves>(4_000, together: 4_000);

        Assert.Equal(4_000, Spare<OfTheWaves>.Waiting);
    }

    [Fact]
    public void Nobody_gets_what_somebody_else_has()
    {
        var held = new Stack<OfChance>();
        var chance = new Random(7);
        for (var step = 0; step < 100_000; step++)
        {
            if (held.Count > 0 && chance.Next(step / 5_000 % 2 == 0 ? 3 : 5) > 1)
            {
                var back = held.Pop();
                back.IsHeld = false;
                Spare<OfChance>.Keep(back);
                continue;
            }

            var item = Spare<OfChance>.Take() ?? new OfChance();
            Assert.False(item.IsHeld);
            item.IsHeld = true;
            held.Push(item);
        }
    }

    [Fact]
    public void Threads_that_take_turns_use_the_same_things()
    {
        var shelves = new SpareShelves();
        var item = new OfTurns();
        On(() => Spare<OfTurns>.Keep(item));
        Assert.Null(Spare<OfTurns>.Take());
        On(() => Assert.Same(item, Spare<OfTurns>.Take()));

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

    private static void Pass<T>(int items, int together)
        where T : class, new()
    {
        var held = new List<T>();
        for (var passed = 0; passed < items; passed += together)
        {
            for (var i = 0; i < together; i++)
                held.Add(Spare<T>.Take() ?? new T());
            held.ForEach(Spare<T>.Keep);
            held.Clear();
        }
    }

    private sealed class OfThePeak;

    private sealed class OfTheWaves;

    private sealed class OfTurns;

    private sealed class OfChance
    {
        public bool IsHeld { get; set; }
    }
}
