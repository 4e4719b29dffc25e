using Peer.Actors;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;
using Peer.Tests.Stories;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>Connections that are interrupted and come back while somebody has copies of all that was ever said, the clear part of tickets included.</summary>
public sealed class ResumeAttacks : IDisposable
{
    private const string Impatient = """
        actorpeer.connection { idle-timeout = 3s, keep-alive = 200ms }
        actorpeer.resume.grace = 60s
        """;

    private readonly ITestOutputHelper _output;
    private readonly Fortress _fortress;
    private readonly UdpProxy _proxy;
    private readonly Player _victim;
    private readonly List<string> _victimHeard = [];
    private int _comings;
    private int _said;

    public ResumeAttacks(ITestOutputHelper output)
    {
        _output = output;
        _fortress = new Fortress(output, Impatient, bystanders: 1);
        _proxy = new UdpProxy(_fortress.Port);
        _victim = _fortress.Arena.Dial(_proxy.Port, system: _fortress.Arena.NewSystem(Impatient));
        _victim.Peer.PeerInterrupted += id => _victimHeard.Add($"~{id}");
        _victim.Peer.PeerResumed += id => _victimHeard.Add($"={id}");
        _fortress.Until(() => _victim.IsConnected && _fortress.Server.Knows(_victim.Id), "the victim connects");
        VictimTalks();
    }

    [Fact]
    [Trait("Attack", "4")]
    [Trait("Attack", "15")]
    public void A_stolen_ticket_opens_nothing_while_its_owner_is_there_or_away_or_back()
    {
        Interrupt();
        Await();
        var hello = LastTicketHello();
        using var thief = new Stranger(_fortress.Port);
        _fortress.Withstands(12, step =>
        {
            // His own key and the owner's ticket: the welcome is sealed with a secret that he does not have.
            var mine = Hellos.Of(1_000 + step, hello.Token);
            var answer = Hellos.AskInFull(thief, mine);
            Assert.InRange(answer.Length, 1, HandshakeFormat.MaxWelcomeLength);
            Guess(thief, mine, answer);

            // The owner's own HELLO, letter by letter, from another address.
            Assert.InRange(Hellos.AskInFull(thief, hello with { Cookie = [] }).Length, 1, HandshakeFormat.MaxWelcomeLength);
        });
        VictimTalks();
        Assert.Equal(2, _victimHeard.Count);

        // The owner is away, and the thief takes every place there is, again and again.
        Interrupt();
        for (var step = 0; step < 20; step++)
            Hellos.AskInFull(thief, Hellos.Of(2_000 + step, LastTicketHello().Token));
        Await();
        VictimTalks();
        _fortress.Undisturbed();
        Assert.Single(_fortress.Server.Signals, signal => signal == $"+{_victim.Id}");
    }

    [Fact]
    [Trait("Attack", "6")]
    public void What_was_recorded_of_a_return_changes_nothing_when_it_comes_again()
    {
        Interrupt();
        Await();
        VictimTalks();
        var recorded = _proxy.Recorded;
        using var stranger = new Stranger(_fortress.Port);
        _fortress.Withstands(3, _ =>
        {
            foreach (var passed in recorded)
            {
                if (passed.ToServer)
                {
                    _proxy.SendToServer(passed.Bytes);
                    stranger.Send(passed.Bytes);
                }
                else
                {
                    _proxy.SendToClient(passed.Bytes);
                }
            }
        });
        VictimTalks();

        // Once the owner has left, its tickets are worth nothing.
        var ticket = LastTicketHello();
        var id = _victim.Id;
        _victim.End();
        _fortress.Until(() => _fortress.Server.Signals.Contains($"-{id}"), "the victim leaves");
        using var late = new Stranger(_fortress.Port);
        Assert.True(Refused.TryRead(Hellos.AskInFull(late, ticket with { Cookie = [] }), out var refused));
        Assert.Equal(DisconnectReason.ResumeRefused, refused.Reason);
        _fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "7")]
    public void A_return_has_keys_of_its_own_and_no_packet_number_is_seen_twice_under_one_connection_id()
    {
        for (var time = 0; time < 3; time++)
        {
            Interrupt();
            Await();
            VictimTalks();
        }

        foreach (var toServer in (bool[])[true, false])
        {
            var numbers = new List<(ulong Id, uint Number)>();
            foreach (var passed in _proxy.Recorded.Where(passed => passed.ToServer == toServer))
            {
                ReadOnlySpan<byte> rest = passed.Bytes;
                while (SealedHeader.TryRead(rest, out var id, out var number, out var length))
                {
                    numbers.Add((id, number));
                    rest = rest[length..];
                }
            }

            Assert.Equal(4, numbers.Select(pair => pair.Id).Distinct().Count());
            Assert.Equal(numbers.Count, numbers.Distinct().Count());
        }

        // A HELLO that was on its way when the victim was back is welcomed once more, with a nonce and a key of its own; the victim does not need it.
        var welcomes = _proxy.Recorded
            .Where(passed => passed.Bytes[0] == HandshakeFormat.WelcomeKind)
            .Select(passed => (To: Convert.ToHexString(passed.Bytes[1..9]), Drawn: Convert.ToHexString(passed.Bytes[9..105])))
            .Distinct()
            .ToArray();
        Assert.Equal(4, welcomes.Select(welcome => welcome.To).Distinct().Count());
        Assert.Equal(welcomes.Length, welcomes.Select(welcome => welcome.Drawn).Distinct().Count());
    }

    [Fact]
    [Trait("Attack", "15")]
    public void Whoever_forwards_a_return_from_his_own_address_gets_what_he_sent_and_not_the_connection()
    {
        using var forwarder = new Stranger(_fortress.Port);
        Interrupt();

        // He lets nothing of the victim pass, says it all himself with cookies of his own, and hands the answers on.
        var tap = new Queue<byte[]>();
        _proxy.Swallows = passed =>
        {
            if (passed.ToServer)
            {
                lock (tap)
                    tap.Enqueue(passed.Bytes);
            }

            return passed.ToServer;
        };
        _proxy.Silent = false;
        long given = 0, got = 0;
        _fortress.Until(() => Forward(forwarder, tap, ref given, ref got), "the victim was welcomed through him");
        _proxy.Swallows = null;
        Await();
        VictimTalks();
        VictimTalks();
        foreach (var bytes in forwarder.Drain())
            got += bytes.Length;
        Assert.True(got <= given, $"he got {got} bytes for {given}");
        VictimTalks();
        Assert.Empty(forwarder.Drain());
        _fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "4")]
    public void A_ticket_with_any_byte_changed_or_of_another_server_is_invalid()
    {
        Interrupt();
        Await();
        var ticket = LastTicketHello().Token;
        using var stranger = new Stranger(_fortress.Port);
        for (var at = 8; at < ticket.Length; at += 7)
        {
            var changed = ticket.ToArray();
            changed[at] ^= 0x10;
            Assert.True(Refused.TryRead(Hellos.AskInFull(stranger, Hellos.Of(3_000 + at, changed)), out var refused), $"byte {at}");
            Assert.Contains(refused.Reason, (DisconnectReason[])[DisconnectReason.TokenInvalid, DisconnectReason.TokenExpired]);
        }

        using var other = new Fortress(_output, Impatient, bystanders: 0);
        using var there = new Stranger(other.Port);
        Assert.True(Refused.TryRead(Hellos.AskInFull(there, Hellos.Of(4_000, ticket)), out var elsewhere));
        Assert.Equal(DisconnectReason.TokenInvalid, elsewhere.Reason);
        VictimTalks();
        _fortress.Undisturbed();
    }

    public void Dispose()
    {
        _fortress.Dispose();
        _proxy.Dispose();
    }

    private Hello LastTicketHello() => _proxy.Recorded
        .Where(passed => passed.ToServer && passed.Bytes[0] == HandshakeFormat.HelloKind)
        .Select(passed => Hello.TryRead(passed.Bytes, out var hello) ? hello : throw new InvalidOperationException())
        .Last(hello => TicketSeal.IsTicket(hello.Token));

    /// <summary>Tries the answer with every secret that he may think of.</summary>
    private static void Guess(Stranger thief, Hello mine, byte[] answer)
    {
        if (!Welcome.TryRead(answer, out var welcome))
            return;
        Span<byte> transcript = stackalloc byte[HandshakeSecret.TranscriptLength];
        Welcome.HashTranscript(mine, welcome.Header, transcript);
        foreach (var guess in (byte[][])[[], new byte[32], mine.Token[..32], mine.Token[^32..]])
        {
            using var secret = new HandshakeSecret(mine.ClientNonce, welcome.ServerNonce, new byte[32], guess, transcript);
            Assert.False(secret.TryOpenWelcome(welcome.Sealed.ToArray()));
        }

        var sealedForNobody = new byte[64];
        SealedHeader.Write(sealedForNobody, mine.ConnectionId, 0, 64 - SealedHeader.Length - SealedHeader.TagLength);
        thief.Send(sealedForNobody);
    }

    /// <returns>Whether a welcome has come back.</returns>
    private bool Forward(Stranger forwarder, Queue<byte[]> tap, ref long given, ref long got)
    {
        while (true)
        {
            byte[]? bytes;
            lock (tap)
            {
                if (!tap.TryDequeue(out bytes))
                    return false;
            }

            if (!Hello.TryRead(bytes, out var hello))
                continue;
            var welcome = Hellos.AskInFull(forwarder, hello with { Cookie = [] });
            given += 2 * Hello.Length;
            got += welcome.Length;
            if (welcome[0] != HandshakeFormat.WelcomeKind)
                continue;

            // The victim takes a welcome only once it has had a cookie.
            var cookie = new byte[HandshakeFormat.RetryLength];
            Retry.Write(cookie, hello.ClientNonce, new byte[HandshakeFormat.CookieLength]);
            _proxy.SendToClient(cookie);
            _proxy.SendToClient(welcome);
            return true;
        }
    }

    /// <summary>Cuts the victim off for longer than the time-out.</summary>
    private void Interrupt()
    {
        _proxy.Silent = true;
        var before = _victimHeard.Count(told => told == "~1");
        var counted = _fortress.Counters.Interruptions;
        _fortress.Until(() => _victimHeard.Count(told => told == "~1") > before, "the victim is interrupted");

        // While the server has noticed nothing, the next datagram of either would revive the old connection.
        _fortress.Until(() => _fortress.Counters.Interruptions > counted, "the server misses the victim");
        _fortress.Talk();
    }

    /// <summary>The line is there again, and the victim comes back.</summary>
    private void Await()
    {
        _proxy.Silent = false;
        _comings++;
        _fortress.Until(() => _victimHeard.Count(told => told == "=1") == _comings, "the victim is back");
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

        _fortress.Until(() => _fortress.Server.Heard(_victim.Id).Count() >= _said && Said(_victim).Count() >= _said, "the victim talks with the server");
        Assert.Equal(texts, _fortress.Server.Heard(_victim.Id).TakeLast(5));
        Assert.Equal(texts, Said(_victim).TakeLast(5));
    }

    private static IEnumerable<string> Said(Player player) => player.Heard(1).Where(text => text.StartsWith("victim ", StringComparison.Ordinal));
}
