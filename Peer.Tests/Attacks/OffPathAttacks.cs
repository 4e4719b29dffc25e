using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Tests.Links;
using Peer.Tests.Stories;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Somebody without keys who can see a client's datagrams, repeat them, and send from the client's own address.</summary>
public sealed class OffPathAttacks : IDisposable
{
    private readonly Fortress _fortress;
    private readonly UdpProxy _proxy;
    private readonly Player _victim;
    private int _said;

    public OffPathAttacks(ITestOutputHelper output)
    {
        _fortress = new Fortress(output, bystanders: 1);
        _proxy = new UdpProxy(_fortress.Port);
        _victim = _fortress.Arena.Dial(_proxy.Port);
        _fortress.Until(() => _victim.IsConnected && _fortress.Server.Knows(_victim.Id), "the victim connects");
    }

    private PeerStatistics VictimsFigures => _fortress.Server.Peer.GetPeerStatistics(_victim.Id);

    [Theory]
    [InlineData("a close", new byte[] { 6, 1, 0, 0 })]
    [InlineData("a close answer", new byte[] { 7 })]
    [InlineData("a ping", new byte[] { 1, 0, 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData("an acknowledgement", new byte[] { 2, 5, 0, 0, 5 })]
    [InlineData("credit", new byte[] { 3, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData("a path challenge", new byte[] { 4, 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData("a path response", new byte[] { 5, 1, 2, 3, 4, 5, 6, 7, 8 })]
    [InlineData("data", new byte[] { 0x42, 3, 0, 0, 0, 0, 2, 1, 65 })]
    [Trait("Attack", "5")]
    public void Without_the_keys_nobody_speaks_in_a_clients_name(string what, byte[] frames)
    {
        var last = LastSealed(toServer: true);
        Assert.True(SealedHeader.TryRead(last, out var id, out var number, out _));
        using var stranger = new Stranger(_fortress.Port);
        _fortress.Withstands(20, step =>
        {
            for (var ahead = 1; ahead <= 5; ahead++)
            {
                var forged = new byte[SealedHeader.Length + frames.Length + SealedHeader.TagLength];
                SealedHeader.Write(forged, id, number + (uint)((step * 5) + ahead), frames.Length);
                frames.CopyTo(forged, SealedHeader.Length);
                _proxy.SendToServer(forged);
                stranger.Send(forged);
            }
        });
        VictimTalks();
        _fortress.Until(() => VictimsFigures.PacketsRejected >= 200, $"{what}, two hundred times, is counted");
        Assert.Empty(stranger.Drain());
    }

    [Fact]
    [Trait("Attack", "6")]
    public void Whatever_was_recorded_changes_nothing_when_it_comes_again_from_wherever()
    {
        VictimTalks();
        var recorded = _proxy.Recorded;
        Assert.Contains(recorded, passed => passed.Bytes[0] == HandshakeFormat.HelloKind);
        using var stranger = new Stranger(_fortress.Port);
        var (serverWasTold, victimWasTold) = (_fortress.Server.Signals.ToArray(), _victim.Signals.ToArray());
        _fortress.Withstands(3, _ => _proxy.SendAgain(recorded, stranger));
        VictimTalks();
        Assert.Equal(serverWasTold, _fortress.Server.Signals);
        Assert.Equal(victimWasTold, _victim.Signals);
        _fortress.Until(() => VictimsFigures.PacketsRejected > 0, "the replays are counted");
        Assert.Equal(2, _fortress.Counters.Welcomes);

        // The recorded goodbye of the victim does not end whoever comes after it.
        var id = _victim.Id;
        _victim.End();
        _fortress.Until(() => _fortress.Server.Signals.Contains($"-{id}"), "the victim leaves");
        var next = _fortress.Arena.Dial(_proxy.Port);
        _fortress.Until(() => next.IsConnected && _fortress.Server.Knows(next.Id), "another one comes from the same address");
        foreach (var passed in _proxy.Recorded.Where(passed => passed.ToServer))
            _proxy.SendToServer(passed.Bytes);
        next.Say("still here", target: 1);
        _fortress.Until(() => _fortress.Server.Heard(next.Id).Contains("still here"), "it is heard");
        Assert.True(_fortress.Server.Knows(next.Id));
    }

    [Fact]
    [Trait("Attack", "6")]
    [Trait("Attack", "10")]
    public void A_forged_number_far_ahead_does_not_move_the_replay_window()
    {
        VictimTalks();
        var last = LastSealed(toServer: true);
        Assert.True(SealedHeader.TryRead(last, out var id, out var number, out _));
        foreach (var ahead in (uint[])[4_095, 4_096, 100_000, int.MaxValue, (uint)int.MaxValue + 1, uint.MaxValue])
        {
            var forged = last.ToArray();
            SealedHeader.Write(forged, id, number + ahead & uint.MaxValue, forged.Length - SealedHeader.Length - SealedHeader.TagLength);
            _proxy.SendToServer(forged);
            VictimTalks();
        }

        _fortress.Until(() => VictimsFigures.PacketsRejected >= 6, "the forgeries are counted");
        _fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "15")]
    public void Whoever_forwards_a_victims_datagrams_from_his_own_address_gets_challenges_and_nothing_else()
    {
        using var attacker = new Stranger(_fortress.Port);
        long forwarded = 0;

        // He is faster than the victim: its own copies come after his.
        _proxy.Weather = new Weather { Delay = 3_000 };
        _proxy.Swallows = passed =>
        {
            if (!passed.ToServer)
                return false;
            attacker.Send(passed.Bytes);
            forwarded += passed.Bytes.Length;
            return false;
        };
        for (var i = 0; i < 20; i++)
            VictimTalks();
        _proxy.Swallows = null;
        var got = attacker.Drain();
        Assert.All(got, bytes => Assert.InRange(bytes.Length, 1, 40));
        Assert.True(got.Sum(bytes => bytes.Length) <= forwarded, "never more than he sent");
        VictimTalks();
        _fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "15")]
    public void A_client_that_really_moves_is_followed_while_somebody_replays_it_from_elsewhere()
    {
        using var attacker = new Stranger(_fortress.Port);
        for (var move = 0; move < 3; move++)
        {
            foreach (var passed in _proxy.Recorded.Where(passed => passed.ToServer && passed.Bytes[0] == SealedHeader.Kind).TakeLast(20))
                attacker.Send(passed.Bytes);
            _proxy.Rebind();
            VictimTalks();
        }

        Assert.Empty(attacker.Drain());
        Assert.Equal([$"+{_fortress.Bystanders[0].Id}", $"+{_victim.Id}"], _fortress.Server.Signals);
    }

    [Fact]
    [Trait("Attack", "7")]
    public void No_packet_number_is_ever_seen_twice_whatever_is_lost_repeated_or_moved()
    {
        _proxy.Weather = new Weather { Delay = 1_000, Jitter = 2_000, Loss = 0.2, Repeat = 0.1 };
        for (var i = 0; i < 10; i++)
        {
            VictimTalks();
            if (i % 3 == 0)
                _proxy.Rebind();
        }

        foreach (var toServer in (bool[])[true, false])
        {
            var numbers = _proxy.Recorded
                .Where(passed => passed.ToServer == toServer && passed.Bytes[0] == SealedHeader.Kind)
                .SelectMany(passed => Sealed(passed.Bytes))
                .ToArray();
            Assert.True(numbers.Length > 20);
            Assert.Equal(numbers.Length, numbers.Distinct().Count());
        }
    }

    [Fact]
    [Trait("Attack", "7")]
    public void A_hello_sent_again_to_a_server_that_started_anew_gets_no_second_use_of_its_keys()
    {
        var hello = _proxy.Recorded.Last(passed => passed.ToServer && passed.Bytes[0] == HandshakeFormat.HelloKind).Bytes;
        var welcome = _proxy.Recorded.First(passed => !passed.ToServer && passed.Bytes[0] == HandshakeFormat.WelcomeKind).Bytes;
        using var other = new Stranger(_fortress.Port);
        var again = Hellos.AskInFull(other, ReadHello(hello) with { Cookie = [] });
        Assert.Equal(HandshakeFormat.WelcomeKind, again[0]);

        // Another server nonce, another key share: not one byte of the two agreements' keys is the same.
        Assert.NotEqual(welcome[9..41], again[9..41]);
        Assert.NotEqual(welcome[41..105], again[41..105]);
        VictimTalks();
    }

    public void Dispose()
    {
        _fortress.Dispose();
        _proxy.Dispose();
    }

    private static Hello ReadHello(byte[] bytes) => Hello.TryRead(bytes, out var hello) ? hello : throw new ArgumentException("no HELLO", nameof(bytes));

    private static List<(ulong Id, uint Number)> Sealed(byte[] received)
    {
        var all = new List<(ulong, uint)>();
        ReadOnlySpan<byte> rest = received;
        while (SealedHeader.TryRead(rest, out var id, out var number, out var length))
        {
            all.Add((id, number));
            rest = rest[length..];
        }

        return all;
    }

    private byte[] LastSealed(bool toServer) =>
        _proxy.Recorded.Last(passed => passed.ToServer == toServer && passed.Bytes[0] == SealedHeader.Kind).Bytes;

    private void VictimTalks()
    {
        var texts = Enumerable.Range(_said, 5).Select(i => $"victim {i}").ToArray();
        _said += 5;
        foreach (var text in texts)
        {
            Assert.Equal(Error.Ok, _victim.Say(text, target: 1));
            Assert.Equal(Error.Ok, _fortress.Server.Say(text, target: _victim.Id));
        }

        _fortress.Until(() => _fortress.Server.Heard(_victim.Id).Count() >= _said && Said(_victim).Count() >= _said, "the victim talks with the server");
        Assert.Equal(texts, _fortress.Server.Heard(_victim.Id).TakeLast(5));
        Assert.Equal(texts, Said(_victim).TakeLast(5));
    }

    private static IEnumerable<string> Said(Player player) => player.Heard(1).Where(text => text.StartsWith("victim ", StringComparison.Ordinal));
}
