using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Input that nobody thought of, against a real server: from outside without keys, and from inside with them.</summary>
public sealed class FuzzAttacks(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [Trait("Attack", "21")]
    public void Random_bytes_and_flipped_bits_of_genuine_datagrams_do_nothing(int seed)
    {
        using var fortress = new Fortress(output);
        using var stranger = new Stranger(fortress.Port);
        using var forger = new Forger(fortress.Port);
        fortress.Until(() => fortress.Server.Knows(forger.Offer.PeerId), "the forger has joined");
        var random = new Random(seed);
        var hello = Hellos.Of(seed);
        byte[][] genuine = [Hellos.Bytes(hello), Hellos.Bytes(Hellos.WithCookie(hello, stranger.Ask(Hellos.Bytes(hello)))), forger.Last];
        fortress.Withstands(20, _ =>
        {
            for (var i = 0; i < 200; i++)
            {
                byte[] datagram;
                if (i % 2 == 0)
                {
                    datagram = new byte[random.Next(0, 1_400)];
                    random.NextBytes(datagram);
                    if (datagram.Length > 0)
                        datagram[0] = (byte)(random.Next(2) == 0 ? 0x40 : 0x50 + random.Next(5));
                }
                else
                {
                    datagram = [.. genuine[random.Next(genuine.Length)]];
                    for (var flips = random.Next(1, 6); flips > 0; flips--)
                        datagram[random.Next(datagram.Length)] ^= (byte)(1 << random.Next(8));
                }

                stranger.Send(datagram);
                forger.SendRaw(datagram);
            }
        });
        Assert.Equal(3, fortress.Counters.Peers);
        Assert.True(fortress.Counters.BytesOut > 0);
        fortress.Welcomes();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Attack", "21")]
    public void Random_frames_from_one_who_holds_the_keys_end_him_alone(int seed)
    {
        using var fortress = new Fortress(output);
        using var log = new LogCapture(fortress.Island);
        var random = new Random(seed);
        var ended = 0;
        fortress.Withstands(25, _ =>
        {
            using var forger = new Forger(fortress.Port);
            var id = forger.Offer.PeerId;
            fortress.Until(() => fortress.Server.Knows(id), "a forger has joined");
            for (var i = 0; i < 40; i++)
                forger.Send(Frames(random));
            forger.Send(0x33);
            fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "it is cut off");
            ended++;
        });
        Assert.Equal(25, ended);
        Assert.DoesNotContain(log.Lines, line => line.Contains("Exception", StringComparison.Ordinal));
        Assert.DoesNotContain(fortress.Server.Reasons, info => info.Reason == DisconnectReason.InternalError);
    }

    [Fact]
    [Trait("Attack", "21")]
    public void Random_handshakes_with_genuine_cookies_and_tokens_let_nobody_in()
    {
        var port = Stories.Arena.FreePort();
        using var fortress = new Fortress(
            output, TokenAttacks.Settings(port), port: port, ticket: () => new Peer.Actors.ClientOptions { Token = TokenAttacks.Token(port).ToString() });
        var random = new Random(5);
        fortress.Withstands(20, step =>
        {
            using var stranger = new Stranger(port);
            var hello = Hellos.Of(step, TokenAttacks.Token(port).PrivatePart.ToArray());
            var good = Hellos.Bytes(Hellos.WithCookie(hello, stranger.Ask(Hellos.Bytes(hello))));
            for (var i = 0; i < 20; i++)
            {
                byte[] bytes = [.. good];
                for (var flips = random.Next(1, 4); flips > 0; flips--)
                    bytes[random.Next(42, 700)] ^= (byte)(1 << random.Next(8));
                stranger.Send(bytes);
            }
        });
        Assert.Equal(2, fortress.Counters.Peers);
    }

    private static byte[] Frames(Random random)
    {
        var frames = new byte[random.Next(1, 200)];
        random.NextBytes(frames);
        if (random.Next(4) == 0)
            return frames;

        // Mostly frames that are almost right: unreliable, ordered and reliable data, pieces, acknowledgements.
        var mode = (TransferMode)random.Next(3);
        var key = new SequenceKey((byte)random.Next(4), mode);
        var bytes = Delivery.Messages.Encode(new OutboundFrame
        {
            Key = key,
            Sequence = random.Next(8),
            Peer = random.Next(3) == 0 ? random.Next(-5, 5) : null,
            FragmentIndex = random.Next(3),
            FragmentCount = random.Next(2) == 0 ? 0 : random.Next(2, 6),
            Payload = Delivery.Messages.RunBytes(frames),
        });
        if (random.Next(2) == 0)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        return bytes;
    }
}
