using System.Buffers.Binary;

namespace Peer.Protocol.Handshake;

/// <summary>Remembers which connect tokens were used until they expire, so that each opens one connection, in bounded memory.</summary>
internal sealed class TokenHistory
{
    private readonly int _capacity;
    private readonly HashSet<UInt128> _used = [];
    private readonly PriorityQueue<UInt128, long> _byExpiry = new();
    private long _forgottenUpTo = long.MinValue;

    /// <param name="capacity">Tokens remembered at a time. When all of them are still valid, further ones are refused: forgetting one early would let it in twice.</param>
    public TokenHistory(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Tokens remembered.</summary>
    public int Count => _used.Count;

    /// <summary>Uses a token: true the first time, false ever after.</summary>
    public bool TryUse(ReadOnlySpan<byte> id, long expiry, long unixSeconds) => TryUse(id, expiry, unixSeconds, out _);

    /// <summary>Uses a token and says what to refuse with when it cannot be.</summary>
    /// <param name="id">The token's id, 16 bytes.</param>
    /// <param name="expiry">Its expiry, Unix seconds.</param>
    /// <param name="unixSeconds">Wall time.</param>
    /// <param name="refusal"><see cref="DisconnectReason.TokenUsed"/>, <see cref="DisconnectReason.TokenExpired"/>, <see cref="DisconnectReason.Full"/>
    /// (no memory left), or <see cref="DisconnectReason.None"/>.</param>
    public bool TryUse(ReadOnlySpan<byte> id, long expiry, long unixSeconds, out DisconnectReason refusal)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(id.Length, TokenSeal.IdLength, nameof(id));
        while (_byExpiry.TryPeek(out var oldest, out var ended) && ended <= unixSeconds)
        {
            _byExpiry.Dequeue();
            _used.Remove(oldest);
            _forgottenUpTo = ended;
        }

        // The second condition matters only after the wall clock was set back: what has been forgotten must not become valid again.
        var key = BinaryPrimitives.ReadUInt128LittleEndian(id);
        if (expiry <= unixSeconds || expiry <= _forgottenUpTo)
            refusal = DisconnectReason.TokenExpired;
        else if (_used.Contains(key))
            refusal = DisconnectReason.TokenUsed;
        else if (_used.Count >= _capacity)
            refusal = DisconnectReason.Full;
        else
            refusal = DisconnectReason.None;

        if (refusal != DisconnectReason.None)
            return false;
        _used.Add(key);
        _byExpiry.Enqueue(key, expiry);
        return true;
    }
}
