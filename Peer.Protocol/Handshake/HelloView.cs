using System.Buffers.Binary;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Handshake;

/// <summary>A HELLO read in place: a stranger without a cookie must not make the server allocate.</summary>
internal readonly ref struct HelloView
{
    private const int NonceOffset = 10;

    public ulong ApplicationId { get; private init; }

    public ReadOnlySpan<byte> ClientNonce { get; private init; }

    public ulong ConnectionId { get; private init; }

    public ReadOnlySpan<byte> PublicKey { get; private init; }

    public int WantedPeerId { get; private init; }

    public ReadOnlySpan<byte> Cookie { get; private init; }

    public ReadOnlySpan<byte> Token { get; private init; }

    public ReadOnlySpan<byte> ApplicationData { get; private init; }

    /// <summary>The nonce of a HELLO of any version: its place, like that of kind, version and application, never moves.</summary>
    public static ReadOnlySpan<byte> NonceOf(ReadOnlySpan<byte> datagram) => datagram.Slice(NonceOffset, HandshakeFormat.NonceLength);

    /// <summary>The application id of a HELLO of any version.</summary>
    public static ulong ApplicationOf(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt64LittleEndian(datagram[2..]);

    public static bool TryRead(ReadOnlySpan<byte> datagram, out HelloView hello)
    {
        hello = default;
        if (datagram.Length != HandshakeFormat.HelloLength)
            return false;

        var reader = new FieldReader(datagram);
        var kind = reader.U8();
        var version = reader.U8();
        var read = new HelloView
        {
            ApplicationId = reader.U64(),
            ClientNonce = reader.Bytes(HandshakeFormat.NonceLength),
            ConnectionId = reader.U64(),
            PublicKey = reader.Bytes(P256.PublicKeyLength),
            WantedPeerId = reader.I32(),
            Cookie = reader.Bytes(reader.U8()),
            Token = reader.Sized16(HandshakeFormat.MaxTokenLength),
            ApplicationData = reader.Sized16(HandshakeFormat.MaxApplicationDataLength),
        };
        if (reader.Failed || kind != HandshakeFormat.HelloKind || version != HandshakeFormat.Version)
            return false;
        if (read.WantedPeerId < 0 || read.Cookie.Length is not 0 and not HandshakeFormat.CookieLength || reader.Rest.ContainsAnyExcept((byte)0))
            return false;

        hello = read;
        return true;
    }

    /// <summary>A copy that outlives the datagram.</summary>
    public Hello ToHello() => new(
        ApplicationId, ClientNonce.ToArray(), ConnectionId, PublicKey.ToArray(), WantedPeerId, Cookie.ToArray(), Token.ToArray(), ApplicationData.ToArray());
}
