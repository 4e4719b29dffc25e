using System.Security.Cryptography;
using Peer.Protocol.Crypto;

namespace Peer.Tests.Crypto;

public class ServerIdentityTests
{
    [Fact]
    public void An_identity_survives_being_stored()
    {
        using var identity = ServerIdentity.Generate(new SeededRandom(1));
        using var again = ServerIdentity.Parse(identity.ExportPkcs8Base64());
        Assert.Equal(identity.PublicKeyText, again.PublicKeyText);
        Assert.True(ServerIdentity.TryParsePublicKey(identity.PublicKeyText, out var pinned));
        Assert.Equal(identity.PublicKey.ToArray(), pinned);
        Assert.Equal(86, identity.PublicKeyText.Length);
    }

    [Fact]
    public void A_signature_holds_for_its_key_and_bytes_only()
    {
        using var identity = ServerIdentity.Generate(new SeededRandom(1));
        using var other = ServerIdentity.Generate(new SeededRandom(2));
        var signature = new byte[64];
        identity.Sign("hello"u8, signature);
        Assert.True(ServerIdentity.Verify(identity.PublicKey.Span, "hello"u8, signature));
        Assert.False(ServerIdentity.Verify(other.PublicKey.Span, "hello"u8, signature));
        Assert.False(ServerIdentity.Verify(identity.PublicKey.Span, "hellp"u8, signature));
        Assert.False(ServerIdentity.Verify(identity.PublicKey.Span, "hello"u8, signature.AsSpan(0, 63)));
        Assert.False(ServerIdentity.Verify(new byte[64], "hello"u8, signature));
        Assert.False(ServerIdentity.Verify([], "hello"u8, signature));
        Assert.False(ServerIdentity.Verify(identity.PublicKey.Span, "hello"u8, new byte[64]));
        for (var bit = 0; bit < 512; bit += 7)
        {
            var bent = (byte[])signature.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(ServerIdentity.Verify(identity.PublicKey.Span, "hello"u8, bent));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("not base64url !")]
    public void Text_that_is_no_public_key_is_refused(string? text)
    {
        Assert.False(ServerIdentity.TryParsePublicKey(text, out var key));
        Assert.Empty(key);
    }

    [Fact]
    public void A_public_key_with_more_behind_it_or_off_the_curve_is_refused()
    {
        using var identity = ServerIdentity.Generate(new SeededRandom(1));
        Assert.False(ServerIdentity.TryParsePublicKey(identity.PublicKeyText + "AAAA", out _));
        Assert.False(ServerIdentity.TryParsePublicKey(new string('A', 86), out _));
    }

    [Fact]
    public void A_private_key_of_another_curve_or_with_bytes_behind_it_is_refused()
    {
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        Assert.Throws<CryptographicException>(() => ServerIdentity.FromPkcs8(larger.ExportPkcs8PrivateKey()));
        using var right = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Throws<CryptographicException>(() => ServerIdentity.FromPkcs8([.. right.ExportPkcs8PrivateKey(), 0]));
        Assert.Throws<CryptographicException>(() => ServerIdentity.FromPkcs8([1, 2, 3]));
        Assert.Throws<FormatException>(() => ServerIdentity.Parse("***"));
    }
}
