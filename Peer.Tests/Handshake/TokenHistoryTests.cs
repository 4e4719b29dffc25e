using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Handshake;

public class TokenHistoryTests
{
    [Fact]
    public void A_token_is_used_once()
    {
        var history = new TokenHistory(10);
        Assert.True(history.TryUse(Id(1), 100, 50));
        Assert.False(history.TryUse(Id(1), 100, 50, out var refusal));
        Assert.Equal(DisconnectReason.TokenUsed, refusal);
        Assert.False(history.TryUse(Id(1), 100, 99));
        Assert.True(history.TryUse(Id(2), 100, 50));
    }

    [Fact]
    public void A_full_history_refuses_rather_than_forgets_and_has_room_again_when_tokens_expire()
    {
        var history = new TokenHistory(3);
        for (byte id = 0; id < 3; id++)
            Assert.True(history.TryUse(Id(id), 100 + id, 50));
        Assert.False(history.TryUse(Id(9), 200, 99, out var refusal));
        Assert.Equal(DisconnectReason.Full, refusal);
        Assert.False(history.TryUse(Id(0), 100, 99, out refusal));
        Assert.Equal(DisconnectReason.TokenUsed, refusal);
        Assert.True(history.TryUse(Id(9), 200, 100));
        Assert.Equal(3, history.Count);
    }

    [Fact]
    public void What_was_forgotten_stays_used_when_the_clock_is_set_back()
    {
        var history = new TokenHistory(3);
        Assert.True(history.TryUse(Id(1), 100, 50));
        Assert.True(history.TryUse(Id(2), 300, 150));
        Assert.False(history.TryUse(Id(1), 100, 50, out var refusal));
        Assert.Equal(DisconnectReason.TokenExpired, refusal);
    }

    [Fact]
    public void No_token_is_ever_used_twice_whatever_the_clock_does_and_memory_stays_bounded() =>
        Gen.Select(Gen.Byte[0, 30], Gen.Long[0, 60], Gen.Long[0, 60]).Array[0, 200].Sample(
            uses =>
            {
                var history = new TokenHistory(8);
                var used = new HashSet<(byte, long)>();
                foreach (var (id, spread, now) in uses)
                {
                    // A token's expiry is sealed: the same id always comes with the same one.
                    var expiry = (id * 2) + 1L;
                    if (history.TryUse(Id(id), expiry, now))
                        Assert.True(used.Add((id, expiry)) && expiry > now);
                    Assert.True(history.Count <= 8);
                }
            },
            iter: 300);

    private static byte[] Id(byte value) => [.. Enumerable.Repeat(value, 16)];
}
