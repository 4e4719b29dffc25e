using System.Buffers.Binary;
using System.Net;
using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Actors.Settings;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Admission;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Strangers: what costs least is checked first, nothing is kept before the address is proven, and whoever has proven it is refused with a reason.</summary>
internal sealed partial class ManagerActor
{
    private const int SpentTokens = 1 << 20;

    private readonly ServerGate _gate;
    private readonly AdmissionLimits _limits;
    private readonly TokenHistory _tokens = new(SpentTokens);

    private ServerGate NewGate()
    {
        var server = _runtime.Settings.Server;
        return new ServerGate(
            new GateSettings
            {
                ApplicationName = _runtime.Settings.Application,
                RequireToken = server.RequireToken,
                TokenKeys = server.TokenKeys,
                Servers = server.TokenServers,
                AcceptTickets = IssuesTickets,
            },
            _runtime.Random);
    }

    private void Greet(Stranger stranger)
    {
        _strangers.Leave(stranger.Datagram.Length);
        if (stranger.Datagram.Length == 0 || stranger.Datagram.Span[0] != HandshakeFormat.HelloKind)
        {
            // Answers to our own HELLOs; each dialling connection knows its own and ignores the rest. A server dials nobody.
            if (_role is PeerRole.Server)
            {
                _counters.HellosMalformed++;
                return;
            }

            foreach (var member in _unopened)
            {
                if (member.IsDialling)
                    member.Connection.Tell(new HandshakeArrived(stranger.Datagram));
            }

            if (_peers.TryGetValue(PeerIds.Server, out var server) && server.IsInterrupted)
                server.Connection.Tell(new HandshakeArrived(stranger.Datagram));

            return;
        }

        // A gateway that nobody is behind yet lets newcomers ask again.
        if (_role is PeerRole.Client || !IsLinked)
            return;
        _counters.Hellos++;
        var now = _runtime.Clock.Now;
        Span<byte> address = stackalloc byte[18];
        var written = WriteAddress(stranger.From, address);
        var source = _limits.SourceOf(stranger.From.Address, address[..(written - sizeof(ushort))]);
        if (!_limits.TakeHello(source, now))
        {
            _counters.HellosOverPrefixRate++;
            return;
        }

        Span<byte> reply = stackalloc byte[ServerGate.MaxReplyLength];
        var verdict = _gate.Check(
            stranger.Datagram.Span, address[..written], _runtime.Clock.UnixSeconds, reply, out var length, out var hello, out var token);
        switch (verdict.Action)
        {
            case GateAction.Reply:
                Answer(verdict.Reason, reply[..length], stranger.From, now);
                break;

            case GateAction.Admit when verdict.Reason == GateReason.Ticket:
                HearTicket(new Newcomer(hello!, null, stranger.From, source), now);
                break;

            case GateAction.Admit:
                Hear(new Newcomer(hello!, token, stranger.From, source), now);
                break;

            default:
                _counters.HellosMalformed++;
                break;
        }
    }

    /// <summary>A cookie, or the gate's own refusal. Either is shorter than the HELLO, but whoever forges its sender should not choose how many of them we send.</summary>
    private void Answer(GateReason reason, ReadOnlySpan<byte> reply, IPEndPoint to, long now)
    {
        if (!_limits.Challenges.TryTake(1, now))
        {
            _counters.ChallengesOverBudget++;
            return;
        }

        if (reply[0] == HandshakeFormat.RetryKind)
            _counters.Challenges++;
        else
            _counters.Refused(Refused.ReasonOf(reply));
        _counters.CookiesForged += reason == GateReason.CookieForged ? 1 : 0;
        _counters.CookiesExpired += reason == GateReason.CookieExpired ? 1 : 0;
        _port.Sender!.Send(reply, reply.Length, Destination.Of(to));
    }

    /// <summary>Somebody whose address is proven and whose token, if any, is genuine.</summary>
    private void Hear(Newcomer newcomer, long now)
    {
        var attempt = newcomer.Attempt;
        if (_welcomed.TryGetValue(attempt, out var welcomed))
        {
            welcomed.Connection.Tell(HelloRepeated.Instance);
            newcomer.Token?.Forget();
            return;
        }

        if (_applicants.ContainsKey(attempt))
        {
            newcomer.Token?.Forget();
            return;
        }

        // Dropped, not refused: the client repeats its HELLO, and most of those who are only too many at once get in a moment later.
        if (!_limits.TakeHandshake(newcomer.Source, now))
        {
            _counters.HandshakesOverPrefixRate++;
            return;
        }

        if (!_limits.Handshakes.TryTake(1, now))
        {
            _counters.HandshakesOverBudget++;
            return;
        }

        if (Objection(newcomer, now) is { } objection)
            Refuse(newcomer, objection);
        else if (_hook is null)
            Welcome(newcomer);
        else
            AskHook(newcomer, now);
    }

    private DisconnectInfo? Objection(Newcomer newcomer, long now)
    {
        if (Closed() is { } closed)
            return closed;
        Span<byte> address = stackalloc byte[18];
        if (_limits.Banned.IsBanned(address[..(WriteAddress(newcomer.From, address) - sizeof(ushort))], now)
            || (newcomer.Token is { } shown && _limits.Banned.IsBanned(shown.ClientId, now)))
            return DisconnectInfo.Of(DisconnectReason.Banned);
        var server = _runtime.Settings.Server;
        if (_peers.Count + _applicants.Count >= MaxPeers || _unopened.Count + _applicants.Count >= server.HalfOpen)
            return DisconnectInfo.Of(DisconnectReason.Full);
        if (newcomer.Source is { } source
            && (_limits.Peers.Of(source) >= server.MaxPeersPerPrefix || _limits.HalfOpen.Of(source) >= server.HalfOpenPerPrefix))
            return DisconnectInfo.Of(DisconnectReason.Full, "too many connections from this network");
        if (_role is PeerRole.Mesh && !MayJoinMesh(newcomer.Hello.WantedPeerId))
            return DisconnectInfo.Of(DisconnectReason.IdInUse);
        if (newcomer.Token is not { } token)
            return null;
        if (!_tokens.TryBegin(token.Id, token.Expiry, _runtime.Clock.UnixSeconds, out var refusal))
            return DisconnectInfo.Of(refusal);

        // A client that is away and comes back without its ticket has started anew.
        if (server.SameClient != SameClient.Refuse || !_clients.TryGetValue(token.ClientId, out var same) || same.IsInterrupted)
            return null;
        _tokens.End(token.Id);
        return DisconnectInfo.Of(DisconnectReason.IdInUse, "this client is connected already");
    }

    private DisconnectInfo? Closed()
    {
        if (_leaving is not null)
            return DisconnectInfo.Of(DisconnectReason.ShuttingDown);
        return _refusing ? DisconnectInfo.Of(DisconnectReason.Refusing) : null;
    }

    /// <summary>Two mesh peers may dial each other at once: the attempt of the lower ID wins, at both ends alike.</summary>
    private bool MayJoinMesh(int wanted)
    {
        if (wanted < 1 || wanted == _ownId)
            return false;
        if (!_peers.TryGetValue(wanted, out var member))
            return true;
        if (member.IsOpen || (member.IsDialling && _ownId < wanted))
            return false;

        // Also one that was welcomed and never confirmed: it dialled somebody else by mistake, or has started anew.
        Abandon(member);
        return true;
    }

    private void Refuse(Newcomer newcomer, DisconnectInfo why)
    {
        _counters.Refused(why.Reason);
        newcomer.Token?.Forget();
        Span<byte> reply = stackalloc byte[Refused.MaxLength];
        var length = Refused.Write(reply, newcomer.Hello.Digest(), why.Reason, why.Text);
        _port.Sender!.Send(reply[..length], length, Destination.Of(newcomer.From));
    }

    private static int WriteAddress(IPEndPoint from, Span<byte> destination)
    {
        from.Address.TryWriteBytes(destination, out var length);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[length..], (ushort)from.Port);
        return length + sizeof(ushort);
    }
}
