using System.Text;
using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Tests.Links;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Wire;

/// <summary>Real sockets, and between them a path that does its worst.</summary>
public sealed class WireStories(ITestOutputHelper output)
{
    [Fact]
    public void A_capture_of_a_session_shows_nothing_that_was_said()
    {
        const string secret = "attack at dawn, and bring the large hammer";
        using var world = new ProxiedWorld(output);
        world.Join();
        foreach (var mode in Enum.GetValues<TransferMode>())
        {
            world.Hear(new Speech(world.Client, secret, 1, 0, mode, world.Server));
            world.Hear(new Speech(world.Server, secret, 0, 0, mode, world.Client));
        }

        world.Client.End();
        world.Until(() => world.Server.Signals.Count == 2, "the client's end is heard of");
        Assert.All(world.Proxy.Recorded, passed => Assert.Equal(-1, passed.Bytes.AsSpan().IndexOf("hammer"u8)));
        Assert.Contains(world.Proxy.Recorded, passed => passed.Bytes[0] == SealedHeader.Kind);
    }

    [Fact]
    public void Flipped_bits_are_dropped_and_counted_and_nothing_is_lost()
    {
        using var world = new ProxiedWorld(output);
        world.Join();
        world.Proxy.Weather = new Weather { Delay = 0, Corrupt = 0.2 };
        world.Exchange(300);
        world.Until(() => world.Server.Peer.GetPeerStatistics(world.Client.Id) is { PacketsRejected: > 0 }, "the damage is counted");
        Assert.DoesNotContain(world.Server.Signals, signal => signal[0] == '-');
    }

    [Fact]
    public void Sixty_percent_loss_each_way_is_enough_to_join_and_talk()
    {
        using var world = new ProxiedWorld(output, "actorpeer { client.connect-timeout = 60s, server.confirm-timeout = 60s, connection.idle-timeout = 60s }");
        world.Proxy.Weather = new Weather { Delay = 1_000, Jitter = 4_000, Loss = 0.6, Repeat = 0.1 };
        world.Join();
        world.Exchange(200);
        Assert.Equal(["+1", "succeeded"], world.Client.Signals);
    }

    [Theory]
    [InlineData(HandshakeFormat.WelcomeKind, false)]
    [InlineData(HandshakeFormat.RetryKind, false)]
    [InlineData(HandshakeFormat.HelloKind, true)]
    [InlineData(SealedHeader.Kind, true)]
    public void Whatever_datagram_of_the_handshake_is_lost_the_client_joins_once(byte kind, bool toServer)
    {
        using var world = new ProxiedWorld(output);
        var swallowed = 0;
        world.Proxy.Swallows = passed => passed.ToServer == toServer && passed.Bytes[0] == kind && swallowed++ < 2;
        world.Join();
        world.Exchange(5);
        Assert.True(swallowed >= 2);
        Assert.Equal([$"+{world.Client.Id}"], world.Server.Signals);
        Assert.Equal(["+1", "succeeded"], world.Client.Signals);
    }

    [Fact]
    public void Recorded_datagrams_change_nothing_from_wherever_they_come_again()
    {
        using var world = new ProxiedWorld(output);
        world.Join();
        world.Exchange(50);
        var recorded = world.Proxy.Recorded;
        foreach (var passed in recorded.Where(passed => passed.ToServer))
            world.Proxy.SendToServer(passed.Bytes);
        using (var stranger = new Stranger(world.Server.Peer.LocalPort))
        {
            foreach (var passed in recorded.Where(passed => passed.ToServer))
                stranger.Send(passed.Bytes);
        }

        foreach (var passed in recorded.Where(passed => !passed.ToServer))
            world.Proxy.SendToClient(passed.Bytes);
        world.Exchange(50);
        Assert.Equal([$"+{world.Client.Id}"], world.Server.Signals);
        Assert.Equal(["+1", "succeeded"], world.Client.Signals);
        world.Until(() => world.Server.Peer.GetPeerStatistics(world.Client.Id) is { PacketsRejected: > 0 }, "the replays are counted");
    }

    [Fact]
    public void A_close_or_an_acknowledgement_without_keys_is_ignored_and_counted()
    {
        using var world = new ProxiedWorld(output);
        world.Join();
        world.Exchange(5);
        var last = world.Proxy.Recorded.Last(passed => passed.ToServer && passed.Bytes[0] == SealedHeader.Kind).Bytes;
        Assert.True(SealedHeader.TryRead(last, out var id, out var number, out _));
        foreach (var frames in new byte[][] { [6, 1, 0, 0], [2, 5, 0, 0, 5], [7] })
        {
            for (var ahead = 1; ahead <= 20; ahead++)
            {
                var forged = new byte[SealedHeader.Length + frames.Length + SealedHeader.TagLength];
                SealedHeader.Write(forged, id, number + (uint)ahead, frames.Length);
                frames.CopyTo(forged, SealedHeader.Length);
                world.Proxy.SendToServer(forged);
            }
        }

        world.Exchange(20);
        world.Until(() => world.Server.Peer.GetPeerStatistics(world.Client.Id) is { PacketsRejected: >= 60 }, "the forgeries are counted");
        Assert.Equal([$"+{world.Client.Id}"], world.Server.Signals);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.2, 3_000)]
    [Trait("Attack", "7")]
    public void A_long_connection_changes_its_keys_and_nothing_is_lost(double loss, long jitter)
    {
        using var world = new ProxiedWorld(output, "actorpeer.connection.key-update-after = 16");
        world.Join();
        world.Proxy.Weather = new Weather { Delay = 0, Jitter = jitter, Loss = loss };
        for (var turn = 0; turn < 120; turn++)
            world.Exchange(2);
        foreach (var toServer in (bool[])[true, false])
        {
            var phases = world.Proxy.Recorded.Where(passed => passed.ToServer == toServer && (passed.Bytes[0] & 0xF0) == SealedHeader.Kind).Select(passed => passed.Bytes[0]).Distinct();
            Assert.InRange(phases.Count(), 4, 16);
        }

        Assert.Equal([$"+{world.Client.Id}"], world.Server.Signals);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(0.3, 0)]
    [InlineData(0, 250_000)]
    public void A_client_whose_address_changes_goes_on_with_nothing_lost(double loss, long delay)
    {
        using var world = new ProxiedWorld(output);
        world.Join();
        world.Exchange(20);
        world.Proxy.Weather = new Weather { Delay = delay, Loss = loss };
        for (var move = 0; move < 3; move++)
        {
            world.Proxy.Rebind();
            world.Exchange(30);
        }

        Assert.Equal([$"+{world.Client.Id}"], world.Server.Signals);
    }

    [Fact]
    public void An_idle_client_whose_address_changed_is_found_again_although_the_first_challenge_is_lost()
    {
        using var world = new ProxiedWorld(output);
        world.Join();
        world.Exchange(5);
        var challenges = 0;
        var rebound = false;
        // The server's first datagram on the new path can be nothing but the challenge.
        world.Proxy.Swallows = passed => rebound && !passed.ToServer && challenges++ < 1;
        world.Proxy.Rebind();
        rebound = true;
        world.Exchange(30);
        Assert.True(challenges > 1);
    }

    [Fact]
    public void Whoever_forwards_a_victims_packets_from_his_own_address_does_not_get_the_connection()
    {
        using var world = new ProxiedWorld(output);
        world.Join();
        world.Exchange(5);
        using var attacker = new Stranger(world.Server.Peer.LocalPort);
        // He is faster than the victim: its own copies come after his.
        world.Proxy.Weather = new Weather { Delay = 3_000 };
        world.Proxy.Swallows = passed =>
        {
            if (passed.ToServer)
                attacker.Send(passed.Bytes);
            return false;
        };
        world.Exchange(60);
        world.Proxy.Swallows = null;
        Assert.Equal([$"+{world.Client.Id}"], world.Server.Signals);
        // Challenges, never longer than what he sent, are all that he gets.
        Assert.All(attacker.Drain(), bytes => Assert.InRange(bytes.Length, 1, 40));
    }

    [Fact]
    public void Sealed_garbage_before_the_welcome_does_not_clog_the_connection()
    {
        using var world = new ProxiedWorld(output, "actorpeer.transport.ingress-limit = 128KiB");
        var poured = false;
        world.Proxy.Swallows = passed =>
        {
            if (passed.ToServer || poured)
                return false;
            poured = true;
            var hello = world.Proxy.Recorded[0].Bytes;
            foreach (var size in new[] { 30_000, 1_000, SealedHeader.Length + SealedHeader.TagLength })
            {
                var garbage = new byte[size];
                SealedHeader.Write(garbage, BitConverter.ToUInt64(hello, 42), 1, size - SealedHeader.Length - SealedHeader.TagLength);
                for (var i = 0; i < 40; i++)
                    world.Proxy.SendToClient(garbage);
            }

            return false;
        };
        world.Join();
        world.Exchange(50);
        Assert.True(poured);
    }
}
