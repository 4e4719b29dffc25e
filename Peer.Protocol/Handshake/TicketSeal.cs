using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>A resume ticket as it travels: clear are its mark, its salt and its expiry, the rest only servers can read.</summary>
internal static class TicketSeal
{
    public const int KeyLength = PacketProtection.KeyLength;
    public const int MaxRoomLength = 128;

    private const int SaltLength = 32;
    private const int ClearLength = 8 + SaltLength + sizeof(long);
    private const int FixedLength = ClearLength + 16 + 4 + 4 + HandshakeSecret.TokenSecretLength + 1 + 8 + 2 + 1 + SealedHeader.TagLength;
    private const int AssociatedLength = 8 + 8 + 8;

    /// <summary>What every ticket begins with. A connect token has its key id and seven random bytes there.</summary>
    private static ReadOnlySpan<byte> Mark => "APticket"u8;

    // The key is fresh for every ticket (its salt is random), so the nonce may be constant.
    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Whether these bytes, in the place of a connect token, are meant as a ticket.</summary>
    public static bool IsTicket(ReadOnlySpan<byte> bytes) => bytes.StartsWith(Mark);

    /// <summary>Seals a ticket.</summary>
    public static byte[] Seal(ResumeTicket ticket, ReadOnlySpan<byte> key, ulong applicationId, IRandomSource random)
    {
        var room = Encoding.UTF8.GetBytes(ticket.Room);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(room.Length, MaxRoomLength, nameof(ticket));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ticket.UserData.Length, TokenSeal.MaxUserDataLength, nameof(ticket));
        ArgumentOutOfRangeException.ThrowIfNotEqual(ticket.Secret.Length, HandshakeSecret.TokenSecretLength, nameof(ticket));
        var bytes = new byte[FixedLength + ticket.UserData.Length + room.Length];
        Span<byte> salt = stackalloc byte[SaltLength];
        random.Fill(salt);
        var writer = new FieldWriter(bytes);
        writer.Bytes(Mark);
        writer.Bytes(salt);
        writer.I64(ticket.Expiry);
        writer.U64((ulong)ticket.Session);
        writer.U64((ulong)(ticket.Session >> 64));
        writer.I32(ticket.PeerId);
        writer.I32((int)ticket.Generation);
        writer.Bytes(ticket.Secret);
        writer.U8(ticket.ClientId is null ? (byte)0 : (byte)1);
        writer.U64(ticket.ClientId ?? 0);
        writer.Sized16(ticket.UserData);
        writer.Sized8(room);
        using var cipher = Cipher(key, salt);
        Span<byte> associated = stackalloc byte[AssociatedLength];
        WriteAssociated(associated, applicationId, ticket.Expiry);
        var body = bytes.AsSpan(ClearLength..^SealedHeader.TagLength);
        cipher.Encrypt(ZeroNonce, body, body, bytes.AsSpan(^SealedHeader.TagLength..), associated);
        return bytes;
    }

    /// <summary>Opens a ticket; false when it was not sealed under one of the keys for this application, or has been altered.</summary>
    public static bool TryOpen(ReadOnlySpan<byte> bytes, IReadOnlyList<byte[]> keys, ulong applicationId, [NotNullWhen(true)] out ResumeTicket? ticket)
    {
        ticket = null;
        if (bytes.Length is < FixedLength or > HandshakeFormat.MaxTokenLength || !IsTicket(bytes))
            return false;
        var expiry = BinaryPrimitives.ReadInt64LittleEndian(bytes[(8 + SaltLength)..]);
        Span<byte> associated = stackalloc byte[AssociatedLength];
        WriteAssociated(associated, applicationId, expiry);
        Span<byte> room = stackalloc byte[HandshakeFormat.MaxTokenLength];
        var sealedPart = bytes[ClearLength..^SealedHeader.TagLength];
        var plaintext = room[..sealedPart.Length];
        foreach (var key in keys)
        {
            using var cipher = Cipher(key, bytes.Slice(8, SaltLength));
            try
            {
                cipher.Decrypt(ZeroNonce, sealedPart, bytes[^SealedHeader.TagLength..], plaintext, associated);
            }
            catch (AuthenticationTagMismatchException)
            {
                continue;
            }

            ticket = Read(plaintext, expiry);
            CryptographicOperations.ZeroMemory(plaintext);
            return ticket is not null;
        }

        return false;
    }

    private static ResumeTicket? Read(ReadOnlySpan<byte> plaintext, long expiry)
    {
        var reader = new FieldReader(plaintext);
        var low = reader.U64();
        var session = new UInt128(reader.U64(), low);
        var peer = reader.I32();
        var generation = (uint)reader.I32();
        var secret = reader.Bytes(HandshakeSecret.TokenSecretLength);
        var hasClient = reader.U8();
        var client = reader.U64();
        var userData = reader.Sized16(TokenSeal.MaxUserDataLength);
        var room = reader.Text8(MaxRoomLength);
        return reader.IsComplete && hasClient <= 1 && peer >= Routing.PeerIds.FirstClient
            ? new ResumeTicket(session, peer, generation, expiry, secret.ToArray(), hasClient == 1 ? client : null, userData.ToArray(), room)
            : null;
    }

    private static AesGcm Cipher(ReadOnlySpan<byte> sharedKey, ReadOnlySpan<byte> salt)
    {
        Span<byte> key = stackalloc byte[KeyLength];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, sharedKey, key, salt, "actorpeer v1 ticket"u8);
        var cipher = new AesGcm(key, SealedHeader.TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static void WriteAssociated(Span<byte> associated, ulong applicationId, long expiry)
    {
        var writer = new FieldWriter(associated);
        writer.Bytes(Mark);
        writer.U64(applicationId);
        writer.I64(expiry);
    }
}
