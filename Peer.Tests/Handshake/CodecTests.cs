using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Handshake;

namespace Peer.Tests.Handshake;

public class CodecTests
{
    private static readonly Gen<Hello> Hellos =
        from application in Gen.ULong
        from nonce in Gen.Byte.Array[32]
        from connection in Gen.ULong
        from key in Gen.Byte.Array[64]
        from wanted in Gen.Int[0, int.MaxValue]
        from cookie in Gen.Bool.SelectMany(with => Gen.Byte.Array[with ? 24 : 0])
        from token in Gen.Byte.Array[0, 768]
        from extra in Gen.Byte.Array[0, 256]
        select new Hello(application, nonce, connection, key, wanted, cookie, token, extra);

    [Fact]
    public void A_hello_reads_as_it_was_written() => Hellos.Sample(
        hello =>
        {
            Assert.True(Hello.TryRead(HandshakeWorld.Bytes(hello), out var read));
            AssertSame(hello, read);
        },
        iter: 300);

    [Fact]
    public void A_hello_is_written_over_whatever_the_buffer_held()
    {
        var buffer = Enumerable.Repeat((byte)0xEE, 1_300).ToArray();
        HandshakeWorld.SampleHello().Write(buffer);
        Assert.Equal(HandshakeWorld.Bytes(HandshakeWorld.SampleHello()), buffer[..1_200]);
        Assert.All(buffer[1_200..], value => Assert.Equal(0xEE, value));
    }

    [Fact]
    public void A_hello_of_any_other_size_is_refused()
    {
        byte[] bytes = [.. HandshakeWorld.Bytes(HandshakeWorld.SampleHello()), .. new byte[300]];
        for (var length = 0; length < bytes.Length; length++)
            Assert.Equal(length == 1_200, Hello.TryRead(bytes.AsSpan(0, length), out _));
    }

    [Fact]
    public void Padding_that_is_not_zero_is_refused()
    {
        var hello = HandshakeWorld.SampleHello();
        var used = hello.WriteTranscript(new byte[1_200]);
        for (var index = used; index < 1_200; index++)
        {
            var bytes = HandshakeWorld.Bytes(hello);
            bytes[index] = 1;
            Assert.False(Hello.TryRead(bytes, out _));
        }
    }

    [Fact]
    public void A_flipped_bit_is_refused_or_read_as_something_else()
    {
        var bytes = HandshakeWorld.Bytes(HandshakeWorld.SampleHello());
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var bent = (byte[])bytes.Clone();
            bent[bit / 8] ^= (byte)(1 << (bit % 8));

            // One legal form for each meaning: what is read writes the very bytes that were read.
            if (Hello.TryRead(bent, out var read))
                Assert.Equal(bent, HandshakeWorld.Bytes(read));
        }
    }

    [Fact]
    public void Lengths_beyond_the_limits_are_refused()
    {
        var hello = HandshakeWorld.SampleHello();
        Assert.True(Hello.TryRead(HandshakeWorld.Bytes(hello with { Token = new byte[768], ApplicationData = [] }), out _));
        Assert.False(Hello.TryRead(HandshakeWorld.Bytes(hello with { Token = new byte[769], ApplicationData = [] }), out _));
        Assert.True(Hello.TryRead(HandshakeWorld.Bytes(hello with { ApplicationData = new byte[256] }), out _));
        Assert.False(Hello.TryRead(HandshakeWorld.Bytes(hello with { ApplicationData = new byte[257] }), out _));
        Assert.False(Hello.TryRead(HandshakeWorld.Bytes(hello with { Cookie = new byte[23] }), out _));
        Assert.False(Hello.TryRead(HandshakeWorld.Bytes(hello with { WantedPeerId = -1 }), out _));
    }

    [Fact]
    public void Noise_never_throws_and_is_never_read() => Gen.Byte.Array[0, 1_300].Sample(
        noise =>
        {
            // A kind that fits, so that the noise gets past the first check.
            for (byte kind = 0x50; kind <= 0x54 && noise.Length > 0; kind++)
            {
                noise[0] = kind;
                Assert.False(Hello.TryRead(noise, out _));
                Assert.False(Elsewhere.TryRead(noise, out _) && kind != HandshakeFormat.ElsewhereKind);
                Assert.False(Refused.TryRead(noise, out _) && kind != HandshakeFormat.RefusedKind);
                Assert.False(Retry.TryRead(noise, out _));
                Assert.False(Welcome.TryRead(noise, out _) && kind != HandshakeFormat.WelcomeKind);
            }
        },
        iter: 500);

    [Fact]
    public void A_retry_reads_as_it_was_written_and_no_cut_or_longer_one_does()
    {
        var random = new SeededRandom(1);
        var nonce = random.Take(32);
        var cookie = random.Take(24);
        var bytes = new byte[100];
        Assert.Equal(66, Retry.Write(bytes, nonce, cookie));
        Assert.True(Retry.TryRead(bytes.AsSpan(0, 66), out var retry));
        Assert.Equal(nonce, retry.ClientNonce.ToArray());
        Assert.Equal(cookie, retry.Cookie.ToArray());
        AssertOnlyWhole(bytes, 66, span => Retry.TryRead(span, out _));

        foreach (var index in new[] { 0, 1, 58, 65 })
        {
            var bent = bytes[..66];
            bent[index] ^= 4;
            Assert.False(Retry.TryRead(bent, out _));
        }
    }

    [Fact]
    public void A_refusal_reads_as_it_was_written_and_no_cut_or_longer_one_does()
    {
        Gen.Select(Gen.Byte.Array[32], Gen.Byte[1, 255], Gen.String[0, 50]).Sample((nonce, reason, text) =>
        {
            var buffer = new byte[300];
            var length = Refused.Write(buffer, nonce, (DisconnectReason)reason, text);
            Assert.True(Refused.TryRead(buffer.AsSpan(0, length), out var refused));
            Assert.Equal(nonce, refused.HelloDigest);
            Assert.Equal((DisconnectReason)reason, refused.Reason);
            if (text.All(char.IsAscii))
                Assert.Equal(text, refused.Text);
        }, iter: 300);

        var bytes = new byte[300];
        var whole = Refused.Write(bytes, new byte[32], DisconnectReason.Full, "full");
        AssertOnlyWhole(bytes, whole, span => Refused.TryRead(span, out _));
    }

    [Fact]
    public void A_long_refusal_is_cut_at_the_end_of_a_character()
    {
        var bytes = new byte[300];
        var length = Refused.Write(bytes, new byte[32], DisconnectReason.Kicked, "x" + new string('\u20AC', 200));
        Assert.True(Refused.TryRead(bytes.AsSpan(0, length), out var refused));
        Assert.Equal("x" + new string('\u20AC', 66), refused.Text);
    }

    [Fact]
    public void A_refusal_without_reason_with_bad_text_or_with_too_long_a_text_is_not_read()
    {
        var bytes = new byte[300];
        var length = Refused.Write(bytes, new byte[32], DisconnectReason.Full, "ab");
        bytes[33] = 0;
        Assert.False(Refused.TryRead(bytes.AsSpan(0, length), out _));
        bytes[33] = 17;
        bytes[35] = 0xFF;
        Assert.False(Refused.TryRead(bytes.AsSpan(0, length), out _));

        var tooLong = new byte[35 + 201];
        tooLong[0] = 0x53;
        tooLong[33] = 17;
        tooLong[34] = 201;
        Assert.False(Refused.TryRead(tooLong, out _));
        tooLong[34] = 200;
        Assert.True(Refused.TryRead(tooLong.AsSpan(0, 235), out _));
    }

    [Fact]
    public void An_elsewhere_reads_as_it_was_written_and_no_cut_or_longer_one_does()
    {
        var random = new SeededRandom(1);
        var nonce = random.Take(32);
        var ticket = random.Take(768);
        var bytes = new byte[1_000];
        var length = Elsewhere.Write(bytes, nonce, "node-3.example.org:7777", ticket);
        Assert.True(Elsewhere.TryRead(bytes.AsSpan(0, length), out var elsewhere));
        Assert.Equal("node-3.example.org:7777", elsewhere.Endpoint);
        Assert.Equal(ticket, elsewhere.Ticket);
        Assert.Equal(nonce, elsewhere.ClientNonce);
        AssertOnlyWhole(bytes, length, span => Elsewhere.TryRead(span, out _));

        Assert.Throws<ArgumentException>(() => Elsewhere.Write(new byte[2_000], nonce, new string('a', 250), ticket));
        Assert.Throws<ArgumentException>(() => Elsewhere.Write(new byte[2_000], nonce, new string('a', 256), []));
        Assert.Throws<ArgumentException>(() => Elsewhere.Write(new byte[2_000], nonce, "", []));
    }

    [Fact]
    public void A_welcomes_content_reads_as_it_was_written_and_no_cut_or_longer_one_does()
    {
        var random = new SeededRandom(1);
        foreach (var with in new[] { true, false })
        {
            var content = new WelcomeContent(HandshakeWorld.Offer, with ? random.Take(64) : [], with ? random.Take(64) : []);
            var bytes = new byte[400];
            content.Write(bytes);
            var length = WelcomeContent.LengthFor(with);
            Assert.True(WelcomeContent.TryRead(bytes.AsSpan(0, length), out var read));
            Assert.Equal(content.Offer, read.Offer);
            Assert.Equal(content.Identity, read.Identity);
            Assert.Equal(content.Signature, read.Signature);
            AssertOnlyWhole(bytes, length, span => WelcomeContent.TryRead(span, out _));
        }
    }

    [Fact]
    public void A_welcome_that_offers_nonsense_is_not_read()
    {
        var offer = HandshakeWorld.Offer;
        WelcomeOffer[] nonsense =
        [
            offer with { PeerId = 0 }, offer with { PeerId = -2 }, offer with { ServerPeerId = 0 }, offer with { MaxMessageBytes = 0 },
            offer with { Channels = 0 }, offer with { Channels = 256 }, offer with { InitialCredit = -1 }, offer with { IdleTimeoutMs = -1 },
        ];
        Assert.All(nonsense, bad =>
        {
            var bytes = new byte[WelcomeContent.LengthFor(false)];
            new WelcomeContent(bad, [], []).Write(bytes);
            Assert.False(WelcomeContent.TryRead(bytes, out _));
        });

        var half = new byte[WelcomeContent.LengthFor(false) + 64];
        new WelcomeContent(offer, new byte[64], []).Write(half);
        Assert.False(WelcomeContent.TryRead(half, out _));

        var flags = new byte[WelcomeContent.LengthFor(false)];
        new WelcomeContent(offer, [], []).Write(flags);
        flags[WelcomeOffer.Length - 1] = 4;
        Assert.False(WelcomeContent.TryRead(flags, out _));
    }

    private delegate bool Reads(ReadOnlySpan<byte> bytes);

    private static void AssertOnlyWhole(byte[] buffer, int length, Reads reads)
    {
        byte[] longer = [.. buffer.AsSpan(0, length), 0, 0];
        for (var cut = 0; cut <= longer.Length; cut++)
            Assert.Equal(cut == length, reads(longer.AsSpan(0, cut)));
    }

    private static void AssertSame(Hello expected, Hello actual)
    {
        Assert.Equal((expected.ApplicationId, expected.ConnectionId, expected.WantedPeerId), (actual.ApplicationId, actual.ConnectionId, actual.WantedPeerId));
        Assert.Equal(expected.ClientNonce, actual.ClientNonce);
        Assert.Equal(expected.PublicKey, actual.PublicKey);
        Assert.Equal(expected.Cookie, actual.Cookie);
        Assert.Equal(expected.Token, actual.Token);
        Assert.Equal(expected.ApplicationData, actual.ApplicationData);
    }
}
