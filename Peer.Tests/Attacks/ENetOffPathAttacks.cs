using Peer.Actors;
using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.ENet;
using Peer.Tests.Stories;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>
/// Somebody who sends from a Godot client's own address what he guesses or has recorded. ENet has no keys: whoever sees the traffic can forge anything, and these tests are of those who do not,
/// or who only repeat.
/// </summary>
public sealed class ENetOffPathAttacks : IDisposable
{
    private readonly Fortress _fortress;
    private readonly UdpProxy _proxy;
    private readonly Player _victim;
    private int _said;

    public ENetOffPathAttacks(ITestOutputHelper output)
    {
        _fortress = new Fortress(output, bystanders: 1, enet: new ENetOptions());
        _proxy = new UdpProxy(_fortress.ENetPort);
        _victim = _fortress.Arena.DialENet(_proxy.Port);
        _fortress.Until(() => _victim.IsConnected && _fortress.Server.Knows(_victim.Id), "the victim connects");
    }

    public static TheoryData<string> Forgeries => ["a disconnect", "a ping", "an acknowledgement", "a message", "a bandwidth limit", "a throttle", "a second connect"];

    [Theory]
    [MemberData(nameof(Forgeries))]
    [Trait("Attack", "5")]
    [Trait("Port", "ENet")]
    public void Without_slot_session_and_number_nobody_speaks_in_a_clients_name(string what)
    {
        VictimTalks();
        var seat = VictimsSeat();
        using var stranger = new Stranger(_fortress.ENetPort);
        using var codec = new ENetCodec(ENetSettings.Default);
        var command = what switch
        {
            "a disconnect" => ENetForge.Words(ENetCommand.Disconnect, 0x80, 0xFF, 40_000, 0),
            "a ping" => ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 9),
            "an acknowledgement" => ENetForge.Numbers(ENetCommand.Acknowledge, 0, 1, 3, 3, 0),
            "a message" => ENetForge.Reliable(1, 7, 20),
            "a bandwidth limit" => ENetForge.Words(ENetCommand.BandwidthLimit, 0x80, 0xFF, 9, 1, 1),
            "a throttle" => ENetForge.Words(ENetCommand.ThrottleConfigure, 0x80, 0xFF, 9, 1, 0, 32),
            _ => ENetForge.Connect(new ConnectionOffer(0, 0xFF, 0xFF, 1392, 65_536, 8, 0, 0, 5_000, 2, 2, 99), (uint)_victim.Id),
        };
        _fortress.Withstands(20, step =>
        {
            // His own address with all the rest right; the client's address with something wrong.
            stranger.Send(seat.Datagram(codec, false, command, step));
            _proxy.SendToServer((seat with { Session = (byte)((seat.Session + 1) & 3) }).Datagram(codec, false, command, step));
            _proxy.SendToServer((seat with { Slot = (ushort)(seat.Slot ^ 5) }).Datagram(codec, false, command, step));
            if (what == "a disconnect")
                _proxy.SendToServer(seat.Datagram(codec, false, command, step));
            if (what == "a second connect")
                stranger.Send((seat with { Slot = ENetFormat.NoPeer, Session = 0 }).Datagram(codec, false, command, step));
        });
        VictimTalks();
        _fortress.Until(() => _fortress.Server.Any.GetPeerStatistics(_victim.Id).PacketsRejected >= 20, $"{what}, again and again, is counted");

        // An ID that is in use is refused, and that is all that a stranger hears.
        Assert.All(stranger.Drain(), answer => Assert.Equal(10, answer.Length));
    }

    [Fact]
    [Trait("Attack", "6")]
    [Trait("Port", "ENet")]
    public void Whatever_was_recorded_changes_nothing_when_it_comes_again_from_wherever()
    {
        VictimTalks();
        VictimTalks();
        var recorded = _proxy.Recorded;
        using var stranger = new Stranger(_fortress.ENetPort);
        var (serverWasTold, victimWasTold) = (_fortress.Server.Signals.ToArray(), _victim.Signals.ToArray());
        var (serverHeard, victimHeard) = (_fortress.Server.Heard(_victim.Id).Count(), Said(_victim).Count());
        _fortress.Withstands(3, _ => _proxy.SendAgain(recorded, stranger));
        Assert.Equal((serverHeard, victimHeard), (_fortress.Server.Heard(_victim.Id).Count(), Said(_victim).Count()));
        VictimTalks();
        Assert.Equal(serverWasTold, _fortress.Server.Signals);
        Assert.Equal(victimWasTold, _victim.Signals);

        // The recorded goodbye of the victim does not end whoever comes after it from the same address.
        var id = _victim.Id;
        _victim.End();
        _fortress.Until(() => _fortress.Server.Signals.Contains($"-{id}"), "the victim leaves");
        var next = _fortress.Arena.DialENet(_proxy.Port);
        _fortress.Until(() => next.IsConnected && _fortress.Server.Knows(next.Id), "another one comes");
        foreach (var passed in _proxy.Recorded.Where(passed => passed.ToServer))
            _proxy.SendToServer(passed.Bytes);
        next.Say("still here", target: 1);
        _fortress.Until(() => _fortress.Server.Heard(next.Id).Contains("still here"), "it is heard");
        Assert.True(_fortress.Server.Knows(next.Id));
    }

    [Fact]
    [Trait("Attack", "15")]
    [Trait("Port", "ENet")]
    public void Whoever_forwards_a_victims_datagrams_from_his_own_address_gets_nothing()
    {
        using var attacker = new Stranger(_fortress.ENetPort);
        _proxy.Weather = new Links.Weather { Delay = 3_000 };
        _proxy.Swallows = passed =>
        {
            if (passed.ToServer)
                attacker.Send(passed.Bytes);
            return false;
        };
        for (var i = 0; i < 20; i++)
            VictimTalks();
        _proxy.Swallows = null;
        Assert.Empty(attacker.Drain());
        VictimTalks();
        _fortress.Undisturbed();
    }

    public void Dispose()
    {
        _fortress.Dispose();
        _proxy.Dispose();
    }

    /// <summary>What somebody on the way would see.</summary>
    private ENetSeat VictimsSeat()
    {
        var last = _proxy.Recorded.Last(passed => passed.ToServer);
        Assert.True(ENetHeader.TryRead(last.Bytes, out var header));
        return new ENetSeat(header.PeerId, header.Session, 0, 0, 0);
    }

    private void VictimTalks()
    {
        var texts = Enumerable.Range(_said, 5).Select(i => $"victim {i}").ToArray();
        _said += 5;
        foreach (var text in texts)
        {
            Assert.Equal(Error.Ok, _victim.Say(text, target: 1));
            Assert.Equal(Error.Ok, _fortress.Server.Say(text, target: _victim.Id));
        }

        _fortress.Until(() => Of(_fortress.Server, _victim.Id).Count() >= _said && Said(_victim).Count() >= _said, "the victim talks with the server");
        Assert.Equal(texts, Of(_fortress.Server, _victim.Id).TakeLast(5));
        Assert.Equal(texts, Said(_victim).TakeLast(5));
    }

    private static IEnumerable<string> Said(Player player) => Of(player, 1);

    private static IEnumerable<string> Of(Player player, int from) => player.Heard(from).Where(text => text.StartsWith("victim ", StringComparison.Ordinal));
}
