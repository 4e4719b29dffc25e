using System.Buffers.Binary;
using CsCheck;
using Peer.Protocol;
using Peer.Protocol.Handshake;
using static Peer.Tests.Handshake.HandshakeWorld;

namespace Peer.Tests.Handshake;

public class ServerGateTests
{
    private readonly HandshakeWorld _world = new();

    [Fact]
    public void A_hello_is_admitted_once_its_cookie_has_come_back()
    {
        var gate = Gate();
        var hello = _world.WithCookie(gate, SampleHello());
        Assert.Equal(66, _world.ReplyLength);
        Assert.Equal(new GateVerdict(GateAction.Admit, GateReason.Admitted), _world.Check(gate, Bytes(hello)));
        Assert.Equal(hello.ClientNonce, _world.Hello!.ClientNonce);
        Assert.Null(_world.Token);
    }

    [Fact]
    public void The_checks_come_in_their_fixed_order()
    {
        // Wrong in every respect at once; then mended from the first check to the last, each time the next check speaks.
        var gate = Gate(requireToken: true);
        var random = new SeededRandom(9);
        var hello = SampleHello() with { ApplicationId = 1, WantedPeerId = -1, Cookie = random.Take(24) };
        BinaryPrimitives.WriteInt64LittleEndian(hello.Cookie, UnixNow - 1);
        var bytes = Bytes(hello);
        bytes[0] = 0x51;
        bytes[1] = 2;
        Expect(GateAction.Ignore, GateReason.WrongSize, bytes[..1_199]);
        Expect(GateAction.Ignore, GateReason.WrongKind, bytes);
        bytes[0] = 0x50;
        Expect(GateAction.Reply, GateReason.OtherVersion, bytes);
        Expect(GateAction.Reply, GateReason.OtherApplication, Bytes(hello));
        hello = hello with { ApplicationId = HandshakeFormat.ApplicationId(Application) };
        Expect(GateAction.Ignore, GateReason.Malformed, Bytes(hello));
        hello = hello with { WantedPeerId = 0 };
        Expect(GateAction.Reply, GateReason.CookieExpired, Bytes(hello));
        BinaryPrimitives.WriteInt64LittleEndian(hello.Cookie, UnixNow + 1);
        Expect(GateAction.Reply, GateReason.CookieForged, Bytes(hello));
        hello = _world.WithCookie(gate, hello with { Cookie = [] });
        Expect(GateAction.Reply, GateReason.TokenMissing, Bytes(hello));
        Expect(GateAction.Reply, GateReason.TokenInvalid, Bytes(hello with { Token = random.Take(300) }));
        Expect(GateAction.Admit, GateReason.Admitted, Bytes(hello with { Token = IssueToken().PrivatePart.ToArray() }));

        void Expect(GateAction action, GateReason reason, byte[] datagram) =>
            Assert.Equal(new GateVerdict(action, reason), _world.Check(gate, datagram));
    }

    [Fact]
    public void Another_version_is_answered_with_a_refusal_that_names_ours()
    {
        var bytes = Bytes(SampleHello());
        bytes[1] = 2;

        // Nothing behind the fields that never move is looked at.
        bytes.AsSpan(50).Fill(0xEE);
        _world.Check(Gate(), bytes);
        var refused = _world.ReadRefusal();
        Assert.Equal((DisconnectReason.Version, "1"), (refused.Reason, refused.Text));
        Assert.NotEqual(SampleHello().Digest(), refused.HelloDigest);
    }

    [Fact]
    public void Another_application_is_refused_as_such()
    {
        _world.Check(Gate(application: "other game"), Bytes(SampleHello()));
        Assert.Equal(DisconnectReason.Version, _world.ReadRefusal().Reason);
    }

    [Fact]
    public void A_cookie_ends_with_its_lifetime()
    {
        var gate = Gate();
        var bytes = Bytes(_world.WithCookie(gate, SampleHello()));
        Assert.Equal(GateReason.Admitted, _world.Check(gate, bytes, UnixNow + 9).Reason);
        Assert.Equal(new GateVerdict(GateAction.Reply, GateReason.CookieExpired), _world.Check(gate, bytes, UnixNow + 10));
        Assert.True(Retry.TryRead(_world.Reply.AsSpan(0, _world.ReplyLength), out _));
    }

    [Fact]
    public void A_cookie_from_before_the_clock_was_set_back_is_not_good_for_longer()
    {
        var gate = Gate();
        var bytes = Bytes(_world.WithCookie(gate, SampleHello()));
        Assert.Equal(GateReason.CookieForged, _world.Check(gate, bytes, UnixNow - 3_600).Reason);
    }

    [Fact]
    public void A_cookie_belongs_to_one_address_one_port_and_one_nonce()
    {
        var gate = Gate();
        var hello = _world.WithCookie(gate, SampleHello());
        for (var bit = 0; bit < Address.Length * 8; bit++)
        {
            var other = (byte[])Address.Clone();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(new GateVerdict(GateAction.Reply, GateReason.CookieForged), _world.Check(gate, Bytes(hello), address: other));
        }

        var nonce = (byte[])hello.ClientNonce.Clone();
        nonce[31] ^= 1;
        Assert.Equal(GateReason.CookieForged, _world.Check(gate, Bytes(hello with { ClientNonce = nonce })).Reason);
    }

    [Fact]
    public void A_cookie_with_any_bit_flipped_is_not_admitted()
    {
        var gate = Gate();
        var hello = _world.WithCookie(gate, SampleHello());
        for (var bit = 0; bit < 24 * 8; bit++)
        {
            var cookie = (byte[])hello.Cookie.Clone();
            cookie[bit / 8] ^= (byte)(1 << (bit % 8));
            var verdict = _world.Check(gate, Bytes(hello with { Cookie = cookie }));
            Assert.Equal(GateAction.Reply, verdict.Action);
            Assert.True(verdict.Reason is GateReason.CookieForged or GateReason.CookieExpired);
        }
    }

    [Fact]
    public void A_cookie_of_another_server_is_not_admitted()
    {
        var hello = _world.WithCookie(Gate(seed: 1), SampleHello());
        Assert.Equal(GateReason.CookieForged, _world.Check(Gate(seed: 2), Bytes(hello)).Reason);
    }

    [Fact]
    public void A_change_of_the_cookie_secret_is_not_noticed_by_anyone_on_the_way()
    {
        // Second by second over several changes: a cookie is good for exactly its lifetime, whenever it was made.
        var gate = Gate();
        for (var second = UnixNow; second < UnixNow + 400; second++)
        {
            var early = Bytes(_world.WithCookie(gate, SampleHello(), second));
            Assert.Equal(GateReason.Admitted, _world.Check(gate, early, second + 9).Reason);
        }
    }

    [Fact]
    public void A_cookie_secret_is_gone_after_two_changes()
    {
        var random = new SeededRandom(1);
        var secrets = new CookieSecrets(random, 10);
        var cookie = new byte[24];
        secrets.Issue(Address, new byte[32], UnixNow, cookie);
        secrets.Check(Address, new byte[32], cookie, UnixNow + 120);
        secrets.Check(Address, new byte[32], cookie, UnixNow + 240);

        // The clock set back to when the cookie was young: its secret no longer exists.
        Assert.Equal(CookieState.Forged, secrets.Check(Address, new byte[32], cookie, UnixNow + 1));
    }

    [Fact]
    public void A_reply_is_never_longer_than_what_it_answers() => Gen.Select(Gen.Byte.Array[0, 1_400], Gen.Int[0, 2]).Sample(
        (noise, shape) =>
        {
            var world = new HandshakeWorld();
            var gate = Gate(requireToken: true);
            var bytes = noise;
            if (shape > 0)
            {
                bytes = Bytes(SampleHello());
                for (var index = 0; index < noise.Length && shape == 2; index++)
                    bytes[(noise[index] * 5) % 1_200] ^= noise[index];
            }

            // Check itself holds every reply against the datagram's length.
            var verdict = world.Check(gate, bytes);
            Assert.NotEqual(GateAction.Admit, verdict.Action);
        },
        iter: 500);

    [Fact]
    public void A_stranger_costs_no_memory()
    {
        var gate = Gate();
        var bytes = Bytes(SampleHello());
        var forged = Bytes(_world.WithCookie(gate, SampleHello()) with { ConnectionId = 5 });
        forged[118 + 1 + 20] ^= 1;
        long before = 0;
        for (var round = 0; round < 200; round++)
        {
            if (round == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
            gate.Check(bytes, Address, UnixNow, _world.Reply, out _, out _, out _);
            gate.Check(forged, Address, UnixNow, _world.Reply, out _, out _, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(GateReason.CookieForged, _world.Check(gate, forged).Reason);
    }

    [Fact]
    public void A_gate_that_could_never_work_is_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => Gate(requireToken: true, knowsKey: false));
        Assert.Throws<ArgumentException>(() => new ServerGate(
            new GateSettings { ApplicationName = "a", TokenKeys = new Dictionary<byte, byte[]> { [1] = new byte[31] }, Servers = ["a:1"] }, new SeededRandom(1)));
        Assert.Throws<ArgumentException>(() => new ServerGate(
            new GateSettings { ApplicationName = "a", TokenKeys = new Dictionary<byte, byte[]> { [1] = new byte[32] } }, new SeededRandom(1)));
    }
}
