using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Handshake;

public class TokenHistoryTests
{
    [Fact]
    public void A_token_opens_one_connection()
    {
        var history = new TokenHistory(10);
        Assert.Equal(DisconnectReason.None, Begin(history, 1, 100, 50));
        Assert.True(history.TrySpend(Id(1), 100, 50));
        Assert.Equal(DisconnectReason.TokenUsed, Begin(history, 1, 100, 50));
        Assert.Equal(DisconnectReason.TokenUsed, Begin(history, 1, 100, 99));
        Assert.Equal(DisconnectReason.None, Begin(history, 2, 100, 50));
    }

    [Fact]
    public void Of_several_attempts_the_first_to_confirm_wins_and_those_that_came_to_nothing_cost_nothing()
    {
        var history = new TokenHistory(10);
        for (var i = 0; i < 3; i++)
            Assert.Equal(DisconnectReason.None, Begin(history, 1, 100, 50));
        history.End(Id(1));
        Assert.True(history.TrySpend(Id(1), 100, 51));
        Assert.False(history.TrySpend(Id(1), 100, 51));
        Assert.Equal((1, 0), (history.Count, history.Attempted));
    }

    [Fact]
    public void Attempts_with_one_token_are_few_at_a_time()
    {
        var history = new TokenHistory(10);
        for (var i = 0; i < TokenHistory.MaxAttempts; i++)
            Assert.Equal(DisconnectReason.None, Begin(history, 1, 100, 50));
        Assert.Equal(DisconnectReason.TokenUsed, Begin(history, 1, 100, 50));
        history.End(Id(1));
        Assert.Equal(DisconnectReason.None, Begin(history, 1, 100, 50));
        Assert.Equal((0, 1), (history.Count, history.Attempted));
    }

    [Fact]
    public void A_full_history_refuses_rather_than_forgets_and_has_room_again_when_tokens_expire()
    {
        var history = new TokenHistory(3);
        for (byte id = 0; id < 3; id++)
        {
            Assert.Equal(DisconnectReason.None, Begin(history, id, 100 + id, 50));
            Assert.True(history.TrySpend(Id(id), 100 + id, 50));
        }

        Assert.Equal(DisconnectReason.Full, Begin(history, 9, 200, 99));
        Assert.Equal(DisconnectReason.TokenUsed, Begin(history, 0, 100, 99));
        Assert.Equal(DisconnectReason.None, Begin(history, 9, 200, 100));
        Assert.Equal((2, 1), (history.Count, history.Attempted));
    }

    [Fact]
    public void What_was_forgotten_stays_used_when_the_clock_is_set_back()
    {
        var history = new TokenHistory(3);
        Begin(history, 1, 100, 50);
        Begin(history, 1, 100, 50);
        Assert.True(history.TrySpend(Id(1), 100, 50));
        Begin(history, 2, 300, 150);
        Assert.Equal(DisconnectReason.TokenExpired, Begin(history, 1, 100, 50));
        Assert.False(history.TrySpend(Id(1), 100, 50));
    }

    [Fact]
    public void No_token_ever_opens_two_connections_whatever_the_clock_does_and_memory_stays_bounded() =>
        Gen.Select(Gen.Byte[0, 30], Gen.Int[0, 2], Gen.Long[0, 60]).Array[0, 200].Sample(
            steps =>
            {
                var history = new TokenHistory(8);
                var begun = new Dictionary<byte, int>();
                var spent = new HashSet<byte>();
                foreach (var (id, step, now) in steps)
                {
                    // A token's expiry is sealed: the same id always comes with the same one.
                    var expiry = (id * 2) + 1L;
                    if (step == 0 && history.TryBegin(Id(id), expiry, now, out _))
                    {
                        begun[id] = begun.GetValueOrDefault(id) + 1;
                        Assert.True(expiry > now && !spent.Contains(id));
                    }
                    else if (step > 0 && begun.GetValueOrDefault(id) > 0)
                    {
                        begun[id]--;
                        if (step == 1)
                            history.End(Id(id));
                        else if (history.TrySpend(Id(id), expiry, now))
                            Assert.True(spent.Add(id));
                    }

                    Assert.True(history.Count <= 8 && history.Attempted <= 8);
                    Assert.Equal(begun.Count(pair => pair.Value > 0), history.Attempted);
                }
            },
            iter: 300);

    private static DisconnectReason Begin(TokenHistory history, byte id, long expiry, long now)
    {
        history.TryBegin(Id(id), expiry, now, out var refusal);
        return refusal;
    }

    private static byte[] Id(byte value) => [.. Enumerable.Repeat(value, 16)];
}
