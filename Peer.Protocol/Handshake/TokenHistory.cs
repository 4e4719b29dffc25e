using System.Buffers.Binary;

namespace Peer.Protocol.Handshake;

/// <summary>Lets each connect token open one connection, in bounded memory. A token is spent when its holder has proved to know its secret, not before.</summary>
/// <remarks>
/// What merely shows a token, a HELLO, may be a copy: damaged on its way, sent again from an address that has changed, or sniffed and sent first by somebody
/// else, who cannot confirm. None of these must cost the client its token, so a few attempts may be under way with one token, and the first to confirm wins.
/// </remarks>
internal sealed class TokenHistory
{
    /// <summary>Unconfirmed attempts with one token at a time: enough for every path that a HELLO may take, too few to fill a server with.</summary>
    public const int MaxAttempts = 8;

    private readonly int _capacity;
    private readonly HashSet<UInt128> _spent = [];
    private readonly PriorityQueue<UInt128, long> _byExpiry = new();
    private readonly Dictionary<UInt128, int> _attempts = [];
    private long _forgottenUpTo = long.MinValue;

    /// <param name="capacity">Spent tokens remembered at a time. When all of them are still valid, further ones are refused: forgetting one early would let it in twice.</param>
    public TokenHistory(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Spent tokens remembered.</summary>
    public int Count => _spent.Count;

    /// <summary>Tokens with an attempt under way.</summary>
    public int Attempted => _attempts.Count;

    /// <summary>Begins an attempt with a token, and says what to refuse with when it may not.</summary>
    /// <param name="id">The token's id, 16 bytes.</param>
    /// <param name="expiry">Its expiry, Unix seconds.</param>
    /// <param name="unixSeconds">Wall time.</param>
    /// <param name="refusal"><see cref="DisconnectReason.TokenUsed"/>, <see cref="DisconnectReason.TokenExpired"/>, <see cref="DisconnectReason.Full"/>
    /// (no memory left), or <see cref="DisconnectReason.None"/>.</param>
    public bool TryBegin(ReadOnlySpan<byte> id, long expiry, long unixSeconds, out DisconnectReason refusal)
    {
        var key = Key(id);
        Forget(unixSeconds);
        var attempts = _attempts.GetValueOrDefault(key);

        // The second condition matters only after the wall clock was set back: what has been forgotten must not become valid again.
        if (expiry <= unixSeconds || expiry <= _forgottenUpTo)
            refusal = DisconnectReason.TokenExpired;
        else if (_spent.Contains(key) || attempts >= MaxAttempts)
            refusal = DisconnectReason.TokenUsed;
        else if (attempts == 0 && _spent.Count + _attempts.Count >= _capacity)
            refusal = DisconnectReason.Full;
        else
            refusal = DisconnectReason.None;

        if (refusal != DisconnectReason.None)
            return false;
        _attempts[key] = attempts + 1;
        return true;
    }

    /// <summary>An attempt confirmed: true for the first one with this token, which spends it for good.</summary>
    public bool TrySpend(ReadOnlySpan<byte> id, long expiry, long unixSeconds)
    {
        End(id);
        Forget(unixSeconds);
        var key = Key(id);
        if (expiry <= _forgottenUpTo || !_spent.Add(key))
            return false;
        _byExpiry.Enqueue(key, expiry);
        return true;
    }

    /// <summary>An attempt came to nothing.</summary>
    public void End(ReadOnlySpan<byte> id)
    {
        var key = Key(id);
        if (!_attempts.TryGetValue(key, out var attempts))
            return;
        if (attempts > 1)
            _attempts[key] = attempts - 1;
        else
            _attempts.Remove(key);
    }

    /// <summary>Spent tokens with their expiry, for a server that goes on in this one's place.</summary>
    public (UInt128 Id, long Expiry)[] Export() => [.. _byExpiry.UnorderedItems.Select(item => (item.Element, item.Priority))];

    /// <summary>Takes over what another server remembered.</summary>
    public void Import(IEnumerable<(UInt128 Id, long Expiry)> spent)
    {
        foreach (var (id, expiry) in spent)
        {
            if (_spent.Count < _capacity && _spent.Add(id))
                _byExpiry.Enqueue(id, expiry);
        }
    }

    private static UInt128 Key(ReadOnlySpan<byte> id)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(id.Length, TokenSeal.IdLength, nameof(id));
        return BinaryPrimitives.ReadUInt128LittleEndian(id);
    }

    private void Forget(long unixSeconds)
    {
        while (_byExpiry.TryPeek(out var oldest, out var ended) && ended <= unixSeconds)
        {
            _byExpiry.Dequeue();
            _spent.Remove(oldest);
            _forgottenUpTo = Math.Max(_forgottenUpTo, ended);
        }
    }
}
