using System.Security.Cryptography;

namespace Peer.Protocol.Crypto;

/// <summary>
/// The keys of one connection over its whole life: each is used for a limited number of datagrams, then both ends turn a ratchet, and what was used before
/// cannot be computed any more from what an end still holds.
/// </summary>
/// <remarks>
/// A phase for both directions, as in RFC 9001 section 6: an end that has used its key up begins the next phase, and the other one follows when the first
/// datagram of it has opened. Nobody begins another before he has seen the other one follow, so the two are never more than one apart and the low four bits
/// of a phase tell it. Not safe for two threads at once.
/// </remarks>
internal sealed class PhasedKeys : IDisposable
{
    /// <summary>Datagrams under one key at most, unless told less: far below what AES-GCM bears (RFC 9001, 6.6).</summary>
    public const long DefaultUpdateAfter = 1L << 28;

    /// <summary>Datagrams of the old phase are opened for so many numbers after the new one began: the replay window forgets older ones anyway.</summary>
    private const long Overlap = 4_096;

    private readonly long _updateAfter;
    private readonly byte[] _sendKey;
    private readonly byte[] _receiveKey;
    private PacketProtection _sealing;
    private PacketProtection _opening;
    private PacketProtection? _next;
    private PacketProtection? _previous;
    private long _receivePhase;
    private long _firstOfPhase;
    private long _sealedInPhase;

    /// <param name="keys">The keys of phase 0; copied.</param>
    /// <param name="isServer">Which of them this end sends under.</param>
    /// <param name="updateAfter">Datagrams sent under one key, 1 or more.</param>
    public PhasedKeys(SessionKeys keys, bool isServer, long updateAfter = DefaultUpdateAfter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(updateAfter, 1);
        _updateAfter = updateAfter;
        _sealing = isServer ? keys.FromServer() : keys.FromClient();
        _opening = isServer ? keys.FromClient() : keys.FromServer();
        _sendKey = [.. isServer ? keys.ServerKey : keys.ClientKey];
        _receiveKey = [.. isServer ? keys.ClientKey : keys.ServerKey];
    }

    /// <summary>Phase of what is sent, from 0.</summary>
    public long Phase { get; private set; }

    /// <summary>Writes the phase into the header and seals the datagram, as <see cref="PacketProtection.Seal"/> does.</summary>
    public void Seal(Span<byte> datagram, int headerLength, long packetNumber)
    {
        if (_sealedInPhase >= _updateAfter && _receivePhase == Phase)
            AdvanceSending();
        _sealedInPhase++;
        SealedHeader.WritePhase(datagram, Phase);
        _sealing.Seal(datagram, headerLength, packetNumber);
    }

    /// <summary>Opens a datagram under the key of its phase, as <see cref="PacketProtection.Open"/> does.</summary>
    public bool Open(Span<byte> datagram, int headerLength, long packetNumber)
    {
        var ahead = (SealedHeader.PhaseOf(datagram) - _receivePhase) & SealedHeader.PhaseMask;
        if (ahead == 0)
        {
            if (!_opening.Open(datagram, headerLength, packetNumber))
                return false;
            _firstOfPhase = Math.Min(_firstOfPhase, packetNumber);
            if (_previous is not null && packetNumber > _firstOfPhase + Overlap)
                DropPrevious();
            return true;
        }

        if (ahead == 1)
            return OpenNext(datagram, headerLength, packetNumber);

        // A sender that has changed its key never goes back.
        return ahead == SealedHeader.PhaseMask
            && _previous is not null
            && packetNumber < _firstOfPhase
            && _previous.Open(datagram, headerLength, packetNumber);
    }

    public void Dispose()
    {
        _sealing.Dispose();
        _opening.Dispose();
        _next?.Dispose();
        DropPrevious();
        CryptographicOperations.ZeroMemory(_sendKey);
        CryptographicOperations.ZeroMemory(_receiveKey);
    }

    /// <summary>The key of the next phase is made when somebody first claims to use it, and kept: a forger pays no more than anywhere else, and learns nothing from how long it takes.</summary>
    private bool OpenNext(Span<byte> datagram, int headerLength, long packetNumber)
    {
        _next ??= Following(_receiveKey, commit: false);
        if (!_next.Open(datagram, headerLength, packetNumber))
            return false;
        DropPrevious();
        _previous = _opening;
        _opening = _next;
        _next = null;
        Following(_receiveKey, commit: true).Dispose();
        _receivePhase++;
        _firstOfPhase = packetNumber;
        if (Phase < _receivePhase)
            AdvanceSending();
        return true;
    }

    private void AdvanceSending()
    {
        _sealing.Dispose();
        _sealing = Following(_sendKey, commit: true);
        _sealedInPhase = 0;
        Phase++;
    }

    private void DropPrevious()
    {
        _previous?.Dispose();
        _previous = null;
    }

    /// <summary>The protection of the phase after the one that the key belongs to; committed, the key takes the place of its predecessor.</summary>
    private static PacketProtection Following(byte[] key, bool commit)
    {
        Span<byte> next = stackalloc byte[PacketProtection.KeyLength];
        Span<byte> iv = stackalloc byte[PacketProtection.IvLength];
        HKDF.Expand(HashAlgorithmName.SHA256, key, next, "actorpeer v1 next key"u8);
        HKDF.Expand(HashAlgorithmName.SHA256, key, iv, "actorpeer v1 next iv"u8);
        var protection = new PacketProtection(next, iv);
        if (commit)
            next.CopyTo(key);
        CryptographicOperations.ZeroMemory(next);
        CryptographicOperations.ZeroMemory(iv);
        return protection;
    }
}
