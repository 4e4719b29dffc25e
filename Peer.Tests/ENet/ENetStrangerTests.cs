using System.Net;
using CsCheck;
using Peer.Actors;
using Peer.Lab.Fuzz.World;
using Peer.Protocol.ENet;

namespace Peer.Tests.ENet;

/// <summary>Whoever has not confirmed gets no more bytes than came from him, and whoever is honest gets in all the same.</summary>
public sealed class ENetStrangerTests
{
    public static TheoryData<ENetCompression, bool> Outsides => new()
    {
        { ENetCompression.None, false },
        { ENetCompression.None, true },
        { ENetCompression.RangeCoder, false },
        { ENetCompression.RangeCoder, true },
        { ENetCompression.Zlib, true },
    };

    [Theory]
    [MemberData(nameof(Outsides))]
    public void Whoever_has_not_confirmed_never_gets_more_than_he_sent_however_long_he_asks(ENetCompression compression, bool checksum) =>
        Gen.Select(Gen.UInt, Gen.UInt[0, 3], Gen.Int[0, 2].Array[40]).Sample(
            (connectId, data, turns) =>
            {
                var settings = Settings(compression, checksum);
                using var pair = new ENetPair(settings, seed: connectId);
                using var codec = new ENetCodec(settings);
                var victim = IPEndPoint.Parse("10.9.9.9:999");
                var (sent, received, answers) = (0L, 0L, 0);
                var seat = ENetSeat.None;
                void Say(byte[] datagram)
                {
                    received += datagram.Length;
                    pair.ServerHost.Receive(datagram, victim, pair.Now, (bytes, _) =>
                    {
                        (sent, answers) = (sent + bytes.Length, answers + 1);
                        seat = ENetSeat.Read(codec, bytes, connectId) ?? seat;
                    });
                    Assert.True(sent <= received, $"{sent} bytes for {received}");
                }

                // He knows the slot and the session that he was offered, as he may by chance where there are few, and says the least that there is to say.
                var connect = Connect(codec, checksum, connectId, data);
                Say(connect);
                foreach (var turn in turns)
                {
                    pair.Run(150_000);
                    var isOffered = seat != ENetSeat.None && turn > 0;
                    Say(!isOffered ? connect : seat.Datagram(codec, checksum, turn == 1 ? [] : ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2), pair.Now));
                }

                Assert.InRange(answers, 1, 16);
                Assert.Empty(pair.ServerHost.Accepted);
            },
            iter: 100, threads: 1);

    [Theory]
    [MemberData(nameof(Outsides))]
    public void A_client_is_answered_at_its_first_connect_compressed_or_not(ENetCompression compression, bool checksum)
    {
        var repeated = 0;
        Gen.Select(Gen.UInt[1, uint.MaxValue], Gen.OneOf(Gen.Const(0u), Gen.UInt)).Sample(
            (seed, data) =>
            {
                using var pair = new ENetPair(Settings(compression, checksum), seed, slots: ENetFormat.NoPeer);
                var (connects, asked, answered) = (0, 0, 0);
                pair.Watch = (datagram, _) =>
                {
                    if (ENetHeader.TryRead(datagram, out var header) && header.PeerId == ENetFormat.NoPeer)
                        (connects, asked) = (connects + 1, datagram.Length);
                    else if (answered == 0)
                        answered = datagram.Length;
                    return true;
                };
                pair.Dial(data: data);
                Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Connected && pair.ServerHost.Accepted.Count == 1, 2_000_000));

                // Of a hundred thousand compressed answers one is longer than what it answers, and waits for the repetition.
                Assert.Equal(answered > asked ? 2 : 1, connects);
                repeated += connects - 1;
            },
            iter: 300, threads: 1);
        Assert.InRange(repeated, 0, 3);
    }

    [Theory]
    [InlineData(ENetCompression.RangeCoder)]
    [InlineData(ENetCompression.Zlib)]
    public void A_connect_that_is_compressed_to_less_than_its_answer_is_answered_when_it_is_repeated(ENetCompression compression)
    {
        var settings = Settings(compression, checksum: false);
        using var pair = new ENetPair(settings, slots: ENetFormat.NoPeer);
        using var codec = new ENetCodec(settings);
        var answers = new List<byte[]>();
        var connect = ENetSeat.None.Datagram(codec, false, ENetForge.Connect(new ConnectionOffer(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0), 0), 1_000_000);
        void Say() => pair.ServerHost.Receive(connect, ENetPair.ClientAddress, pair.Now, (bytes, _) => answers.Add(bytes));
        Say();
        Assert.Empty(answers);
        Assert.Equal(1, pair.ServerHost.Gate.Pending);
        Say();
        Assert.InRange(Assert.Single(answers).Length, connect.Length + 1, 2 * connect.Length);
        Assert.NotNull(ENetSeat.Read(codec, answers[0], 0));
    }

    [Theory]
    [MemberData(nameof(Outsides))]
    public void A_client_whose_confirmation_was_lost_gets_in_before_it_loses_patience_though_it_says_nothing(ENetCompression compression, bool checksum)
    {
        foreach (var delay in (long[])[1_000, 50_000, 200_000])
        {
            using var pair = new ENetPair(Settings(compression, checksum), seed: 6) { Delay = delay };
            var confirmations = 0;
            pair.Watch = (_, from) => !from.Equals(ENetPair.ClientAddress) || pair.Client.Peer.State == ENetState.Connecting || confirmations++ > 0;
            pair.Dial();
            Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1, 3_000_000), $"after {delay} us each way");
            Assert.True(confirmations > 1);
            pair.Run(10_000_000);
            Assert.Equal((ENetState.Connected, ENetState.Connected), (pair.Client.Peer.State, pair.Server.Peer.State));
        }
    }

    private static ENetSettings Settings(ENetCompression compression, bool checksum) => new()
    {
        Compressor = compression switch
        {
            ENetCompression.RangeCoder => ENetCompressor.RangeCoder,
            ENetCompression.Zlib => ENetCompressor.Zlib,
            _ => ENetCompressor.None,
        },
        Checksum = checksum,
    };

    private static byte[] Connect(ENetCodec codec, bool checksum, uint connectId, uint data) =>
        ENetSeat.None.Datagram(codec, checksum, ENetForge.Connect(new ConnectionOffer(0, 0xFF, 0xFF, 1392, 65_536, 8, 0, 0, 5_000, 2, 2, connectId), data), 1_000_000);
}
