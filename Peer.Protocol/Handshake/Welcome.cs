using System.Security.Cryptography;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>The server's yes: its half of the key agreement in the clear, all else sealed.</summary>
internal readonly ref struct Welcome
{
    /// <summary>Bytes before the sealed part.</summary>
    public const int HeaderLength = 1 + 8 + HandshakeFormat.NonceLength + P256.PublicKeyLength + 2;

    /// <summary>Connection id that the client picked.</summary>
    public ulong ConnectionId { get; private init; }

    public ReadOnlySpan<byte> ServerNonce { get; private init; }

    public ReadOnlySpan<byte> PublicKey { get; private init; }

    /// <summary>The clear part, as both ends hash it.</summary>
    public ReadOnlySpan<byte> Header { get; private init; }

    /// <summary>The sealed part, tag included.</summary>
    public ReadOnlySpan<byte> Sealed { get; private init; }

    public static bool TryRead(ReadOnlySpan<byte> datagram, out Welcome welcome)
    {
        welcome = default;
        if (datagram.Length is < HeaderLength + SealedHeader.TagLength or > HandshakeFormat.MaxWelcomeLength)
            return false;
        var reader = new FieldReader(datagram);
        var kind = reader.U8();
        var read = new Welcome
        {
            ConnectionId = reader.U64(),
            ServerNonce = reader.Bytes(HandshakeFormat.NonceLength),
            PublicKey = reader.Bytes(P256.PublicKeyLength),
            Header = datagram[..HeaderLength],
            Sealed = reader.Bytes(reader.U16()),
        };
        if (!reader.IsComplete || kind != HandshakeFormat.WelcomeKind || read.Sealed.Length < SealedHeader.TagLength)
            return false;
        welcome = read;
        return true;
    }

    public static void WriteHeader(Span<byte> datagram, ulong connectionId, ReadOnlySpan<byte> serverNonce, ReadOnlySpan<byte> publicKey, int sealedLength)
    {
        var writer = new FieldWriter(datagram);
        writer.U8(HandshakeFormat.WelcomeKind);
        writer.U64(connectionId);
        writer.Bytes(serverNonce);
        writer.Bytes(publicKey);
        writer.U16(checked((ushort)sealedLength));
    }

    /// <summary>The transcript hash: everything either end has said in the clear, but for the cookie.</summary>
    public static void HashTranscript(Hello hello, ReadOnlySpan<byte> header, Span<byte> transcript)
    {
        Span<byte> said = stackalloc byte[HandshakeFormat.HelloLength + HeaderLength];
        var length = hello.WriteTranscript(said);
        header[..HeaderLength].CopyTo(said[length..]);
        SHA256.HashData(said[..(length + HeaderLength)], transcript);
    }
}
