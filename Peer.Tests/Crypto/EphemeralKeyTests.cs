using System.Security.Cryptography;
using Peer.Protocol;
using Peer.Protocol.Crypto;

namespace Peer.Tests.Crypto;

public class EphemeralKeyTests
{
    private static readonly byte[] Generator = Convert.FromHexString(
        "6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296" +
        "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5");

    [Fact]
    public void Both_ends_agree_on_the_same_bytes()
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < 300; i++)
        {
            using var one = new EphemeralKey(random);
            using var two = new EphemeralKey(random);
            var first = new byte[32];
            var second = new byte[32];
            Assert.True(one.TryAgree(PublicOf(two), first));
            Assert.True(two.TryAgree(PublicOf(one), second));
            Assert.Equal(first, second);
        }
    }

    [Fact]
    public void A_seed_gives_the_same_key_again()
    {
        using var one = new EphemeralKey(new SeededRandom(8));
        using var same = new EphemeralKey(new SeededRandom(8));
        using var other = new EphemeralKey(new SeededRandom(9));
        Assert.Equal(PublicOf(one), PublicOf(same));
        Assert.NotEqual(PublicOf(one), PublicOf(other));
    }

    [Fact]
    public void A_scalar_of_zero_or_beyond_the_order_is_drawn_again()
    {
        var order = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
        var largest = (byte[])order.Clone();
        largest[31]--;
        byte[] one = [.. new byte[31], 1];
        byte[] tooLarge = [.. Enumerable.Repeat((byte)0xFF, 32)];

        using var fromOne = new EphemeralKey(new Script(new byte[32], order, tooLarge, one));
        Assert.Equal(Generator, PublicOf(fromOne));

        // The largest scalar is the negative of 1: the same X.
        using var fromLargest = new EphemeralKey(new Script(order, largest));
        Assert.Equal(Generator[..32], PublicOf(fromLargest)[..32]);
    }

    [Fact]
    public void A_point_that_is_not_on_the_curve_is_refused()
    {
        using var key = new EphemeralKey(new SeededRandom(3));
        var shared = new byte[32];
        Assert.True(key.TryAgree(Generator, shared));
        for (var bit = 0; bit < 512; bit++)
        {
            var bent = (byte[])Generator.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.TryAgree(bent, shared));
        }

        Assert.False(key.TryAgree(new byte[64], shared));
        Assert.False(key.TryAgree(Enumerable.Repeat((byte)0xFF, 64).ToArray(), shared));
        Assert.False(key.TryAgree(Generator.AsSpan(0, 63), shared));
        Assert.False(key.TryAgree([.. Generator, 0], shared));
        Assert.False(key.TryAgree([], shared));
    }

    [Fact]
    public void The_curve_check_agrees_with_the_platform()
    {
        for (var i = 0; i < 50; i++)
        {
            using var key = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
            var point = key.ExportParameters(false).Q;
            Assert.True(P256.IsOnCurve([.. point.X!, .. point.Y!]));
        }
    }

    private static byte[] PublicOf(EphemeralKey key)
    {
        var bytes = new byte[64];
        key.WritePublic(bytes);
        return bytes;
    }

    private sealed class Script(params byte[][] draws) : IRandomSource
    {
        private int _next;

        public void Fill(Span<byte> bytes) => draws[_next++].CopyTo(bytes);
    }
}
