using System.Buffers.Binary;
using System.Net;
using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Tests.Handshake;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Wire;

/// <summary>What a server answers to those who have proven nothing, over real sockets.</summary>
public sealed class StrangerStories(ITestOutputHelper output)
{
    private const string Application = "actorpeer";

    [Theory]
    [InlineData("a hello without a cookie", 66)]
    [InlineData("another version", 300)]
    [InlineData("another application", 300)]
    [InlineData("an expired cookie", 66)]
    [InlineData("a forged cookie", 66)]
    public void An_answer_is_shorter_than_what_asked_for_it(string what, int longest)
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        using var stranger = new Stranger(server.Peer.LocalPort);
        var question = Hello(1, what);
        var answer = stranger.Ask(question);
        Assert.InRange(answer.Length, 1, Math.Min(longest, question.Length));
        Assert.Empty(stranger.Drain());
        Assert.Empty(server.Signals);
    }

    [Fact]
    public void A_refusal_is_shorter_than_the_hello()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        server.Peer.RefuseNewConnections = true;
        using var stranger = new Stranger(server.Peer.LocalPort);
        var hello = HelloOf(1);
        var answer = stranger.Ask(HandshakeWorld.Bytes(WithCookie(hello, stranger.Ask(HandshakeWorld.Bytes(hello)))));
        Assert.Equal(HandshakeFormat.RefusedKind, answer[0]);
        Assert.InRange(answer.Length, 1, 300);
        Assert.Equal((byte)DisconnectReason.Refusing, answer[33]);
    }

    [Fact]
    public void Nothing_else_is_answered_at_all()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        using var stranger = new Stranger(server.Peer.LocalPort);
        var hello = HandshakeWorld.Bytes(HelloOf(1));
        var random = new SeededRandom(7);
        var questions = new List<byte[]> { hello[..1199], hello[..600], hello[..1], Array.Empty<byte>() };
        for (var kind = 0; kind < 256; kind++)
        {
            if (kind == HandshakeFormat.HelloKind)
                continue;
            foreach (var size in new[] { 1, 15, 31, 40, 1_200 })
            {
                var datagram = random.Take(size);
                datagram[0] = (byte)kind;
                questions.Add(datagram);
            }
        }

        // Sealed in shape, for connections that do not exist.
        for (var id = 0; id < 100; id++)
        {
            var datagram = random.Take(200);
            SealedHeader.Write(datagram, (ulong)id, id, 200 - SealedHeader.Length - SealedHeader.TagLength);
            questions.Add(datagram);
        }

        // A cookie that was issued to somebody else's address.
        using var other = new Stranger(server.Peer.LocalPort, IPAddress.Parse("127.3.3.3"));
        var stolen = WithCookie(HelloOf(2), other.Ask(HandshakeWorld.Bytes(HelloOf(2))));
        foreach (var some in questions.Chunk(50))
        {
            foreach (var question in some)
                stranger.Send(question);

            // An answer to somebody else says that the server has read all that came before: its socket would not hold all of it at once.
            other.Ask(HandshakeWorld.Bytes(HelloOf(2)));
        }

        var answer = stranger.Ask(HandshakeWorld.Bytes(stolen));

        // The answer to the last question is the first and only one: datagrams of one socket are served in order.
        Assert.Equal(HandshakeFormat.RetryKind, answer[0]);
        Assert.Equal(stolen.ClientNonce, answer[2..34]);
        Assert.Empty(stranger.Drain());
        Assert.Empty(server.Signals);
    }

    [Fact]
    public void A_flood_of_hellos_leaves_nothing_behind_and_a_genuine_client_still_joins()
    {
        using var arena = new Arena(output, "actorpeer.client.connect-timeout = 20s");
        var server = arena.Serve();
        var hello = HelloOf(1);
        var strangers = Enumerable.Range(0, 40).Select(i => new Stranger(server.Peer.LocalPort, new IPAddress([127, (byte)(1 + i), (byte)(i * 3), 9]))).ToArray();
        try
        {
            var bytes = HandshakeWorld.Bytes(hello);
            Player? client = null;
            for (var i = 0; i < 20_000; i++)
            {
                BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(10), i);
                strangers[i % strangers.Length].Send(bytes);
                if (i == 10_000)
                    client = arena.Dial(server.Peer.LocalPort);
            }

            arena.Until(() => client!.IsConnected && server.Knows(client.Id), "the genuine client joins");
            Assert.Equal([$"+{client!.Id}"], server.Signals);
            Assert.All(strangers.SelectMany(stranger => stranger.Drain()), answer => Assert.Equal(HandshakeFormat.RetryLength, answer.Length));
        }
        finally
        {
            foreach (var stranger in strangers)
                stranger.Dispose();
        }
    }

    private static Hello HelloOf(int seed) =>
        HandshakeWorld.SampleHello(seed) with { ApplicationId = HandshakeFormat.ApplicationId(Application) };

    private static Hello WithCookie(Hello hello, byte[] answer)
    {
        Assert.True(Retry.TryRead(answer, out var retry));
        return hello with { Cookie = retry.Cookie.ToArray() };
    }

    private static byte[] Hello(int seed, string what)
    {
        var hello = HelloOf(seed);
        var cookie = new SeededRandom(seed).Take(HandshakeFormat.CookieLength);
        switch (what)
        {
            case "another application":
                hello = hello with { ApplicationId = 1 };
                break;
            case "an expired cookie":
                BinaryPrimitives.WriteInt64LittleEndian(cookie, 1_000_000_000);
                hello = hello with { Cookie = cookie };
                break;
            case "a forged cookie":
                hello = hello with { Cookie = cookie };
                break;
        }

        var bytes = HandshakeWorld.Bytes(hello);
        if (what == "another version")
            bytes[1] = 9;
        return bytes;
    }
}
