using System.Buffers.Binary;
using System.Net;
using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using Peer.Protocol.Routing;

namespace Peer.Actors;

/// <summary>Strangers: what the stateless gate lets through becomes a connection, or is refused with a reason.</summary>
internal sealed partial class ManagerActor
{
    private const int UsedTokens = 1 << 20;

    private readonly ServerGate _gate;
    private readonly TokenHistory _tokens;
    /// <summary>By content and address: a damaged HELLO is not the one that it was, and whoever repeats somebody else's from elsewhere gets a connection of his own, which he cannot confirm.</summary>
    private readonly Dictionary<(HelloFingerprint, IPEndPoint), Member> _welcomed = [];
    private long _handshakeSecond;
    private int _handshakesThisSecond;

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
            },
            _runtime.Random);
    }

    private void Greet(Stranger stranger)
    {
        _strangers.Leave(stranger.Datagram.Length);
        if (stranger.Datagram.Length == 0 || stranger.Datagram.Span[0] != HandshakeFormat.HelloKind)
        {
            // Answers to our own HELLOs; each dialling connection knows its own and ignores the rest.
            foreach (var member in _unopened)
            {
                if (member.IsDialling)
                    member.Connection.Tell(new HandshakeArrived(stranger.Datagram));
            }

            return;
        }

        if (_role is PeerRole.Client || !TakeHandshakeBudget())
            return;
        Span<byte> reply = stackalloc byte[ServerGate.MaxReplyLength];
        Span<byte> address = stackalloc byte[18];
        var verdict = _gate.Check(
            stranger.Datagram.Span, address[..WriteAddress(stranger.From, address)], _runtime.Clock.UnixSeconds, reply, out var length, out var hello, out var token);
        switch (verdict.Action)
        {
            case GateAction.Reply:
                _sender!.Send(reply[..length], length, Destination.Of(stranger.From));
                break;

            case GateAction.Admit:
                Admit(hello!, token, stranger.From);
                break;

            default:
                _counters.HellosIgnored++;
                break;
        }
    }

    private void Admit(Hello hello, OpenedToken? token, IPEndPoint from)
    {
        var attempt = (new HelloFingerprint(hello), from);
        if (_welcomed.TryGetValue(attempt, out var welcomed))
        {
            welcomed.Connection.Tell(HelloRepeated.Instance);
            return;
        }

        if (Objection(hello, token) is { } objection)
        {
            Refuse(hello, objection, from);
            return;
        }

        var id = _role is PeerRole.Mesh ? hello.WantedPeerId : PeerIds.Generate(_runtime.Random, _peers.ContainsKey);
        var member = NewMember(id);
        member.Attempt = attempt;
        member.Token = token is null ? null : new TokenClaim(token.Id, token.Expiry, token.ClientId);
        _welcomed.Add(attempt, member);
        var offer = new WelcomeOffer(
            ServerConnectionId: member.ConnectionId,
            PeerId: id,
            ServerPeerId: _ownId,
            MaxMessageBytes: _runtime.Settings.MaxMessageBytes,
            Channels: SequenceKey.ControlChannel,
            InitialCredit: _runtime.Settings.Link.ReceiveWindow,
            IdleTimeoutMs: (int)(_runtime.Settings.Link.IdleTimeout / 1000),
            Relay: _role is PeerRole.Server && _runtime.Settings.Server.Relay);
        Adopt(
            member,
            Connection.Accepting(
                member, _transport, _sender!, Destination.Of(from), _runtime, _partials, new Acceptance(hello, token?.Secret ?? [], offer)),
            $"connection-{id}");
    }

    private DisconnectInfo? Objection(Hello hello, OpenedToken? token)
    {
        if (_leaving is not null)
            return DisconnectInfo.Of(DisconnectReason.ShuttingDown);
        if (_refusing)
            return DisconnectInfo.Of(DisconnectReason.Refusing);
        if (_peers.Count >= MaxPeers || _unopened.Count >= _runtime.Settings.Server.HalfOpen)
            return DisconnectInfo.Of(DisconnectReason.Full);
        if (_role is PeerRole.Mesh && !MayJoinMesh(hello.WantedPeerId))
            return DisconnectInfo.Of(DisconnectReason.IdInUse);
        if (token is not null && !_tokens.TryBegin(token.Id, token.Expiry, _runtime.Clock.UnixSeconds, out var refusal))
            return DisconnectInfo.Of(refusal);
        return null;
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

    /// <summary>The client has proved to know the secret of its token, which nobody can use again from here on; false when another attempt was quicker.</summary>
    private bool SpendToken(Member member) =>
        member.Token is not { } token || _tokens.TrySpend(token.Id, token.Expiry, _runtime.Clock.UnixSeconds);

    private void Refuse(Hello hello, DisconnectInfo why, IPEndPoint from)
    {
        _counters.Refused++;
        Span<byte> reply = stackalloc byte[Refused.MaxLength];
        var length = Refused.Write(reply, hello.ClientNonce, why.Reason, why.Text);
        _sender!.Send(reply[..length], length, Destination.Of(from));
    }

    private bool TakeHandshakeBudget()
    {
        var second = _runtime.Clock.Now / 1_000_000;
        if (second != _handshakeSecond)
        {
            _handshakeSecond = second;
            _handshakesThisSecond = 0;
        }

        if (_handshakesThisSecond++ < _runtime.Settings.Server.HandshakesPerSecond)
            return true;
        _counters.HellosOverBudget++;
        return false;
    }

    private static int WriteAddress(IPEndPoint from, Span<byte> destination)
    {
        from.Address.TryWriteBytes(destination, out var length);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[length..], (ushort)from.Port);
        return length + sizeof(ushort);
    }
}
