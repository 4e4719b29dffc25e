using System.Buffers.Binary;
using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>The client's half of resuming: it dials again, with its ticket, where it last was and wherever else its server may be.</summary>
internal sealed partial class Connection
{
    /// <summary>A room may have moved several times while its client was away; each server knows the next.</summary>
    private const int MostMoves = 16;

    /// <summary>A server that does not want its client now may want it in a moment: microseconds until another one is asked.</summary>
    private const long RedialPause = 250_000;

    /// <summary>Where there are several to ask, none is waited for longer.</summary>
    private const long RedialPatience = 1_000_000;

    private TicketIssued? _ticket;

    /// <summary>Other servers that know where this one goes on, as it has told.</summary>
    private IReadOnlyList<string> _servers = [];
    private long _redialAt = long.MaxValue;
    private readonly List<IPEndPoint> _redialEndpoints = [];
    private ulong _redialId;

    private void BeginRedial()
    {
        _redialEndpoints.Clear();
        _redialEndpoints.Add(_destination.EndPoint);
        foreach (var endpoint in _dial!.Endpoints)
            AddRedial(endpoint);
        foreach (var server in _servers)
        {
            if (IPEndPoint.TryParse(server, out var endpoint) && endpoint.Port != 0)
                AddRedial(endpoint);
        }

        _endpoint = 0;
        _redirects = 0;
        Redial(_ticket!.Ticket);
    }

    private void AddRedial(IPEndPoint endpoint)
    {
        if (!_redialEndpoints.Contains(endpoint))
            _redialEndpoints.Add(endpoint);
    }

    /// <summary>The next one of those that may know.</summary>
    private void RedialNext()
    {
        _endpoint = (_endpoint + 1) % _redialEndpoints.Count;
        _destination = Destination.Of(_redialEndpoints[_endpoint]);
        _redirects = 0;
        Redial(_ticket!.Ticket);
        AdvanceRedial();
    }

    private void Redial(byte[] ticket)
    {
        DropRedial();
        Span<byte> id = stackalloc byte[8];
        _runtime.Random.Fill(id);
        _redialId = BinaryPrimitives.ReadUInt64LittleEndian(id);
        _transport.Tell(new Register(_redialId, Self, _ingress));
        var now = Now;
        var settings = _dial!.Settings with
        {
            Ticket = ticket,
            TicketSecret = _ticket!.Secret,
            ConnectTimeout = Math.Max(1, Math.Min(_graceDeadline - now, _redialEndpoints.Count > 1 ? RedialPatience : Clock.Micros(_runtime.Settings.ConnectTimeout))),
        };
        _handshake = new ClientHandshake(settings, _redialId, _runtime.Random, now);
    }

    private void DropRedial()
    {
        if (_redialId != 0)
            _transport.Tell(new Unregister(_redialId));
        _redialId = 0;
        _redialAt = long.MaxValue;
        _handshake?.Dispose();
        _handshake = null;
    }

    private void AdvanceRedial()
    {
        var handshake = SayHello();
        switch (handshake.State)
        {
            case ClientHandshakeState.Hello:
                _timer.Arm(Math.Min(_graceDeadline, handshake.NextTimeout));
                break;

            case ClientHandshakeState.Established when handshake.Offer.ServerPeerId != _dial!.ExpectedPeerId || handshake.Offer.PeerId != _offer!.PeerId:
                EndInterrupted(DisconnectInfo.Of(DisconnectReason.IdentityMismatch, "the server took this client for another one"));
                break;

            case ClientHandshakeState.Established when handshake.Offer.Anew:
                BeginAnew(handshake);
                break;

            case ClientHandshakeState.Established:
                Redialled(handshake);
                break;

            case ClientHandshakeState.Refused when _redialEndpoints.Count > 1 && IsForNow(handshake.Refusal.Reason):
                DropRedial();
                _redialAt = Now + RedialPause;
                _timer.Arm(Math.Min(_graceDeadline, _redialAt));
                break;

            case ClientHandshakeState.Refused:
                EndInterrupted(DisconnectInfo.Of(DisconnectReason.Timeout, $"the connection was lost and could not be resumed: {handshake.Refusal.Reason}"));
                break;

            case ClientHandshakeState.Redirected when ++_redirects <= MostMoves && IPEndPoint.TryParse(handshake.RedirectEndpoint, out var endpoint) && endpoint.Port != 0:
                _destination = Destination.Of(endpoint);
                Redial(handshake.RedirectTicket);
                AdvanceRedial();
                break;

            case ClientHandshakeState.TimedOut when Now < _graceDeadline:
                RedialNext();
                break;

            default:
                EndInterrupted(_link!.End);
                break;
        }
    }

    /// <summary>Whether another server, or the same one a moment later, may say something else.</summary>
    private static bool IsForNow(DisconnectReason reason) => reason is DisconnectReason.Refusing or DisconnectReason.Full or DisconnectReason.ShuttingDown or DisconnectReason.InternalError;

    /// <summary>The connection id of the handshake is the connection's from here on.</summary>
    private void TakeRedialId()
    {
        _transport.Tell(new Unregister(_member.ConnectionId));
        _member.ConnectionId = _redialId;
        _redialId = 0;
    }

    private void Redialled(ClientHandshake handshake)
    {
        TakeRedialId();
        _offer = handshake.Offer;
        GoOn(handshake.Keys, isServer: false, _offer.ServerConnectionId);
        DropRedial();
        _manager.Tell(new ConnectionResumed(_member, null, 0));
        _link!.Ping();
        Work(Now);
    }
}
