using System.Reflection;
using System.Security.Cryptography;
using CsCheck;
using Peer.Protocol.Crypto;

namespace Peer.Tests.Crypto;

public class PacketProtectionTests
{
    private static readonly byte[] Key = new SeededRandom(1).Take(32);
    private static readonly byte[] Iv = new SeededRandom(2).Take(12);

    [Fact]
    public void A_sealed_datagram_is_what_AES_GCM_gives_for_the_nonce_of_the_standard()
    {
        // The last 8 bytes of the IV, XORed by hand with 0x0102030405060708 in little-endian order.
        byte[] iv = [0xA0, 0xA1, 0xA2, 0xA3, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80];
        byte[] nonce = [0xA0, 0xA1, 0xA2, 0xA3, 0x18, 0x27, 0x36, 0x45, 0x54, 0x63, 0x72, 0x81];
        const long number = 0x0102030405060708;
        var payload = new SeededRandom(3).Take(100);

        var expected = new byte[100];
        var tag = new byte[16];
        var datagram = Plain(payload, number);
        using (var cipher = new AesGcm(Key, 16))
            cipher.Encrypt(nonce, payload, expected, tag, datagram.AsSpan(0, 15));

        using var protection = new PacketProtection(Key, iv);
        protection.Seal(datagram, SealedHeader.Length, number);
        Assert.Equal(expected, datagram[15..115]);
        Assert.Equal(tag, datagram[115..]);
    }

    [Fact]
    public void What_one_end_seals_the_other_opens()
    {
        using var sender = new PacketProtection(Key, Iv);
        using var receiver = new PacketProtection(Key, Iv);
        var number = 0L;
        Gen.Select(Gen.Byte.Array[0, 2_000], Gen.Int[1, 1_000]).Sample((payload, step) =>
        {
            number += step;
            var datagram = Plain(payload, number);
            sender.Seal(datagram, SealedHeader.Length, number);
            Assert.True(receiver.Open(datagram, SealedHeader.Length, number));
            Assert.Equal(payload, datagram[15..^16]);
        }, iter: 200, threads: 1);
        Assert.Equal(0, receiver.OpenFailures);
    }

    [Fact]
    public void Any_flipped_bit_any_cut_and_any_other_number_is_refused_and_counted()
    {
        using var sender = new PacketProtection(Key, Iv);
        using var receiver = new PacketProtection(Key, Iv);
        var datagram = Plain(new SeededRandom(4).Take(24), 9);
        sender.Seal(datagram, SealedHeader.Length, 9);
        var refused = 0;

        for (var bit = 0; bit < datagram.Length * 8; bit++)
        {
            var bent = (byte[])datagram.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(receiver.Open(bent, SealedHeader.Length, 9));
            refused++;
        }

        for (var length = 0; length < datagram.Length; length++)
        {
            Assert.False(receiver.Open(datagram.AsSpan(0, length).ToArray(), SealedHeader.Length, 9));
            refused++;
        }

        foreach (var number in new long[] { -1, 0, 8, 10, 9 + (1L << 32), long.MaxValue })
        {
            Assert.False(receiver.Open((byte[])datagram.Clone(), SealedHeader.Length, number));
            refused++;
        }

        Assert.Equal(refused, receiver.OpenFailures);
        Assert.True(receiver.Open(datagram, SealedHeader.Length, 9));
    }

    [Fact]
    public void A_packet_number_that_does_not_grow_is_a_programming_mistake()
    {
        using var protection = new PacketProtection(Key, Iv);
        protection.Seal(Plain([1], 5), SealedHeader.Length, 5);
        Assert.Throws<InvalidOperationException>(() => protection.Seal(Plain([1], 5), SealedHeader.Length, 5));
        Assert.Throws<InvalidOperationException>(() => protection.Seal(Plain([1], 4), SealedHeader.Length, 4));
        Assert.Throws<InvalidOperationException>(() => protection.Seal(Plain([1], 0), SealedHeader.Length, -1));
        protection.Seal(Plain([1], 6), SealedHeader.Length, 6);
    }

    [Fact]
    public void The_two_directions_do_not_open_each_other()
    {
        using var keys = new SessionKeys(Key, Iv, new SeededRandom(5).Take(32), new SeededRandom(6).Take(12));
        using var client = keys.FromClient();
        using var server = keys.FromServer();
        var datagram = Plain([1, 2, 3], 0);
        client.Seal(datagram, SealedHeader.Length, 0);
        Assert.False(server.Open(datagram, SealedHeader.Length, 0));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        using var sender = new PacketProtection(Key, Iv);
        using var receiver = new PacketProtection(Key, Iv);
        var datagram = Plain(new byte[1_100], 0);
        var opened = 0;
        long before = 0;
        for (var number = 0; number < 200; number++)
        {
            if (number == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            SealedHeader.Write(datagram, 1, number, 1_100);
            sender.Seal(datagram, SealedHeader.Length, number);
            opened += receiver.Open(datagram, SealedHeader.Length, number) ? 1 : 0;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(200, opened);
    }

    [Fact]
    public void Disposed_keys_are_zeros_and_seal_nothing_more()
    {
        var random = new SeededRandom(7);
        var keys = new SessionKeys(random.Take(32), random.Take(12), random.Take(32), random.Take(12));
        var protection = keys.FromClient();
        var copy = (byte[])typeof(PacketProtection).GetField("_iv", BindingFlags.NonPublic | BindingFlags.Instance)!.GetValue(protection)!;
        keys.Dispose();
        Assert.All(new[] { keys.ClientKey, keys.ClientIv, keys.ServerKey, keys.ServerIv }, key => Assert.All(key, value => Assert.Equal(0, value)));

        // The protection has its own copy: it works on until it is disposed of itself.
        Assert.Contains(copy, value => value != 0);
        protection.Seal(Plain([1], 0), SealedHeader.Length, 0);
        protection.Dispose();
        Assert.All(copy, value => Assert.Equal(0, value));
        Assert.Throws<ObjectDisposedException>(() => protection.Seal(Plain([1], 1), SealedHeader.Length, 1));
    }

    private static byte[] Plain(byte[] payload, long number)
    {
        var datagram = new byte[SealedHeader.Length + payload.Length + SealedHeader.TagLength];
        SealedHeader.Write(datagram, 42, Math.Max(number, 0), payload.Length);
        payload.CopyTo(datagram, SealedHeader.Length);
        return datagram;
    }
}
