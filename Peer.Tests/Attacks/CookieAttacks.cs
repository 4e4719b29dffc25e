using System.Net;
using Peer.Actors;
using Peer.Protocol.Handshake;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Cookies that were not made for who shows them, here and now.</summary>
public sealed class CookieAttacks(ITestOutputHelper output)
{
    [Fact]
    [Trait("Attack", "3")]
    public void A_cookie_is_worthless_from_another_port_or_address_or_with_another_nonce()
    {
        using var fortress = new Fortress(output, setup: Standing());
        using var owner = new Stranger(fortress.Port);
        using var port = new Stranger(fortress.Port);
        using var address = new Stranger(fortress.Port, IPAddress.Parse("127.3.3.3"));
        var hello = Hellos.Of(1);
        var good = Hellos.WithCookie(hello, owner.Ask(Hellos.Bytes(hello)));
        fortress.Withstands(5, _ =>
        {
            Assert.Equal(HandshakeFormat.RetryKind, port.Ask(Hellos.Bytes(good))[0]);
            Assert.Equal(HandshakeFormat.RetryKind, address.Ask(Hellos.Bytes(good))[0]);
            Assert.Equal(HandshakeFormat.RetryKind, owner.Ask(Hellos.Bytes(Hellos.Of(2) with { Cookie = good.Cookie }))[0]);
        });
        Assert.Equal((15L, 2L, 0), (fortress.Counters.CookiesForged, fortress.Counters.Welcomes, fortress.Counters.HalfOpen));
        Assert.Equal(HandshakeFormat.WelcomeKind, owner.Ask(Hellos.Bytes(good))[0]);
    }

    [Fact]
    [Trait("Attack", "3")]
    public void A_cookie_with_any_bit_flipped_is_worthless()
    {
        using var fortress = new Fortress(output, bystanders: 1);
        using var stranger = new Stranger(fortress.Port);
        var hello = Hellos.Of(1);
        var good = Hellos.WithCookie(hello, stranger.Ask(Hellos.Bytes(hello)));
        for (var bit = 0; bit < 8 * HandshakeFormat.CookieLength; bit++)
        {
            byte[] cookie = [.. good.Cookie];
            cookie[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(HandshakeFormat.RetryKind, stranger.Ask(Hellos.Bytes(good with { Cookie = cookie }))[0]);
        }

        Assert.Equal(1, fortress.Counters.Welcomes);
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "3")]
    public void A_cookie_of_another_application_or_of_an_earlier_server_on_the_port_is_worthless()
    {
        var port = Stories.Arena.FreePort();
        var hello = Hellos.Of(1);
        using var stranger = new Stranger(port);
        Hello old;
        using (var before = new Fortress(output, bystanders: 0, port: port, setup: Standing()))
        {
            old = Hellos.WithCookie(hello, stranger.Ask(Hellos.Bytes(hello)));
            Assert.Equal(HandshakeFormat.RefusedKind, stranger.Ask(Hellos.Bytes(old with { ApplicationId = 7 }))[0]);
        }

        using var after = new Fortress(output, port: port, setup: Standing());
        Assert.Equal(HandshakeFormat.RetryKind, stranger.Ask(Hellos.Bytes(old))[0]);
        Assert.Equal(1, after.Counters.CookiesForged);
        after.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "3")]
    public void A_cookie_kept_for_later_has_expired()
    {
        var clock = new ShiftedTime();
        using var fortress = new Fortress(output, setup: new ActorPeerSetup { TimeProvider = clock });
        using var stranger = new Stranger(fortress.Port);
        var hello = Hellos.Of(1);
        var kept = Hellos.WithCookie(hello, stranger.Ask(Hellos.Bytes(hello)));
        foreach (var later in (int[])[11, 60, 86_400])
        {
            clock.Wall = TimeSpan.FromSeconds(later);
            Assert.Equal(HandshakeFormat.RetryKind, stranger.Ask(Hellos.Bytes(kept))[0]);
        }

        Assert.Equal(3, fortress.Counters.CookiesExpired);
        fortress.Undisturbed();
    }

    /// <summary>A cookie is good for ten seconds of the wall clock; where that stands it stays good, however slow the machine is.</summary>
    private static ActorPeerSetup Standing() => new() { TimeProvider = new ShiftedTime(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero)) };
}
