using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using static Peer.Tests.Handshake.HandshakeWorld;

namespace Peer.Tests.Handshake;

/// <summary>The bytes once more from the text of docs/protocol.md, with nothing of ours but the randomness.</summary>
public class StandardTests
{
    private readonly HandshakeWorld _world = new();

    [Fact]
    public void A_welcome_and_its_keys_are_those_of_the_standard()
    {
        var token = IssueToken();
        using var identity = ServerIdentity.Generate(new SeededRandom(3));
        using var client = Client(token: token);
        var hello = _world.Admit(Gate(requireToken: true), client);
        var helloBytes = Bytes(hello);
        var result = ServerHandshake.Accept(hello, _world.Token!.Secret, Offer, identity, new SeededRandom(21))!;
        var welcome = result.Datagram;

        // The server's private key follows its nonce in the stream of its random source.
        var stream = new SeededRandom(21);
        Assert.Equal(stream.Take(32), welcome[9..41]);
        using var server = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = stream.Take(32) });
        using var other = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = helloBytes[50..82], Y = helloBytes[82..114] },
        });
        var shared = server.DeriveRawSecretAgreement(other.PublicKey);

        // 118 bytes up to the cookie's length, a zero for it, then token and application data behind the cookie's 24 bytes.
        var end = 118 + 1 + 24 + 2 + hello.Token.Length + 2 + 3;
        var transcript = SHA256.HashData([.. helloBytes[..118], 0, .. helloBytes[143..end], .. welcome[..107]]);
        var secret = HMACSHA256.HashData((byte[])[.. helloBytes[10..42], .. welcome[9..41]], (byte[])[.. shared, .. token.Secret]);

        Assert.Equal(Expand("client key", 32), result.Keys.ClientKey);
        Assert.Equal(Expand("client iv", 12), result.Keys.ClientIv);
        Assert.Equal(Expand("server key", 32), result.Keys.ServerKey);
        Assert.Equal(Expand("server iv", 12), result.Keys.ServerIv);

        var content = new byte[welcome.Length - 107 - 16];
        Assert.Equal(content.Length + 16, BinaryPrimitives.ReadUInt16LittleEndian(welcome.AsSpan(105)));
        using var cipher = new AesGcm(Expand("welcome key", 32), 16);
        cipher.Decrypt(Expand("welcome iv", 12), welcome.AsSpan(107..^16), welcome.AsSpan(^16..), content, transcript);
        Assert.Equal("DDDDCCCCBBBBAAAA" + "07000000" + "01000000" + "00000001" + "FF00" + "0000100000000000" + "10270000" + "01" + "40", Convert.ToHexString(content, 0, 36));
        Assert.Equal(identity.PublicKey.ToArray(), content[36..100]);
        Assert.Equal(64, content[100]);
        Assert.True(ServerIdentity.Verify(content.AsSpan(36, 64), [.. "actorpeer v1 welcome"u8, .. transcript], content.AsSpan(101)));

        // One block of HKDF-Expand (RFC 5869) is enough for 32 bytes.
        byte[] Expand(string label, int length) =>
            HMACSHA256.HashData(secret, (byte[])[.. Encoding.ASCII.GetBytes("actorpeer v1 " + label), .. transcript, 1])[..length];
    }

    [Fact]
    public void A_token_is_that_of_the_standard()
    {
        var token = Issuer().Issue(0x1122, ["a:1"], UnixNow, TimeSpan.FromSeconds(60), [9, 8]);
        var part = token.PrivatePart.ToArray();
        Assert.Equal(3, part[0]);
        Assert.Equal(UnixNow + 60, BinaryPrimitives.ReadInt64LittleEndian(part.AsSpan(33)));

        var application = SHA256.HashData(Encoding.UTF8.GetBytes(Application))[..8];
        var key = HMACSHA256.HashData(HMACSHA256.HashData(part[1..33], TokenKey), (byte[])[.. "actorpeer v1 token"u8, 1]);
        var content = new byte[part.Length - 41 - 16];
        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(new byte[12], part.AsSpan(41..^16), part.AsSpan(^16..), content, [3, .. application, .. part[33..41]]);
        Assert.Equal(0x1122UL, BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(16)));
        Assert.Equal(UnixNow, BinaryPrimitives.ReadInt64LittleEndian(content.AsSpan(24)));
        Assert.Equal(token.Secret.ToArray(), content[32..64]);
        Assert.Equal("01" + "03613A31" + "02000908", Convert.ToHexString(content[64..]));

        var text = token.ToString().Replace('-', '+').Replace('_', '/');
        var whole = Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
        Assert.Equal((byte[])[1, .. token.Secret, .. part[33..41], 1, 3, .. "a:1"u8, (byte)part.Length, 0, .. part], whole);
    }

    [Fact]
    public void A_secret_is_zeros_once_disposed()
    {
        var random = new SeededRandom(1);
        var secret = new HandshakeSecret(random.Take(32), random.Take(32), random.Take(32), random.Take(32), random.Take(32));
        var bytes = (byte[])typeof(HandshakeSecret).GetField("_secret", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(secret)!;
        Assert.Contains(bytes, value => value != 0);
        secret.Dispose();
        Assert.All(bytes, value => Assert.Equal(0, value));
    }
}
