using CsCheck;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Delivery;

public class ByteBudgetTests
{
    [Fact]
    public void A_reservation_is_charged_to_the_parent_too_or_to_nobody()
    {
        var all = new ByteBudget(100);
        var one = new ByteBudget(80, all);
        var other = new ByteBudget(80, all);
        Assert.True(one.TryReserve(70));
        Assert.False(one.TryReserve(20));
        Assert.False(other.TryReserve(40));
        Assert.Equal((70L, 0L, 70L), (one.Used, other.Used, all.Used));
        Assert.True(other.TryReserve(30));
        one.Release(70);
        other.Release(30);
        Assert.Equal((0L, 0L, 0L), (one.Used, other.Used, all.Used));
    }

    [Fact]
    public void Giving_back_more_than_was_taken_throws()
    {
        var budget = new ByteBudget(10);
        Assert.True(budget.TryReserve(3));
        Assert.Throws<InvalidOperationException>(() => budget.Release(4));
    }

    [Fact]
    public void A_huge_request_does_not_overflow_the_cap()
    {
        var budget = new ByteBudget(10);
        Assert.True(budget.TryReserve(10));
        Assert.False(budget.TryReserve(long.MaxValue));
        Assert.Equal(10, budget.Used);
    }

    [Fact]
    public void Threads_never_reserve_more_than_the_cap_together()
    {
        var parent = new ByteBudget(5_000);
        ByteBudget[] children = [new(4_000, parent), new(4_000, parent)];
        var exceeded = 0;
        Parallel.For(0, 8, worker =>
        {
            var child = children[worker % 2];
            for (var i = 1; i < 2_000; i++)
            {
                var bytes = i % 700;
                if (!child.TryReserve(bytes))
                    continue;
                if (child.Used > child.Limit || parent.Used > parent.Limit)
                    Interlocked.Increment(ref exceeded);
                child.Release(bytes);
            }
        });
        Assert.Equal(0, exceeded);
        Assert.Equal((0L, 0L, 0L), (children[0].Used, children[1].Used, parent.Used));
    }

    [Fact]
    public void A_budget_agrees_with_a_sum() =>
        Gen.Select(Gen.Int[0, 60], Gen.Bool).Array[1, 50].Sample(steps =>
        {
            var budget = new ByteBudget(100);
            var held = new Stack<int>();
            var sum = 0;
            foreach (var (bytes, takes) in steps)
            {
                if (takes)
                {
                    Assert.Equal(sum + bytes <= 100, budget.TryReserve(bytes));
                    if (sum + bytes <= 100)
                    {
                        held.Push(bytes);
                        sum += bytes;
                    }
                }
                else if (held.TryPop(out var back))
                {
                    budget.Release(back);
                    sum -= back;
                }

                Assert.Equal(sum, budget.Used);
            }
        }, iter: 300);
}
