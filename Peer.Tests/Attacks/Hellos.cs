using Peer.Protocol.Handshake;
using Peer.Tests.Handshake;
using Peer.Tests.Wire;

namespace Peer.Tests.Attacks;

/// <summary>HELLOs for a server with the default application, whole or spoilt.</summary>
internal static class Hellos
{
    public static Hello Of(int seed, byte[]? token = null) =>
        HandshakeWorld.SampleHello(seed, token) with { ApplicationId = HandshakeFormat.ApplicationId("actorpeer") };

    public static byte[] Bytes(Hello hello) => HandshakeWorld.Bytes(hello);

    /// <summary>The same with the cookie of the answer.</summary>
    public static Hello WithCookie(Hello hello, ReadOnlySpan<byte> answer)
    {
        Assert.True(Retry.TryRead(answer, out var retry));
        return hello with { Cookie = retry.Cookie.ToArray() };
    }

    /// <summary>Gets a cookie and says HELLO with it.</summary>
    public static byte[] AskInFull(Stranger stranger, Hello hello) => stranger.Ask(Bytes(WithCookie(hello, stranger.Ask(Bytes(hello)))));

    public static byte KindOf(byte[] datagram) => datagram[0];
}
