using System.Net;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>What an accepting connection needs to answer a HELLO that the gate admitted.</summary>
internal sealed record Acceptance(Hello Hello, byte[] TokenSecret, WelcomeOffer Offer);

/// <summary>What a dialling connection needs to say HELLO.</summary>
/// <param name="Endpoints">Addresses to try, in order.</param>
/// <param name="Settings">What the HELLO says.</param>
/// <param name="ExpectedPeerId">The ID that the other end must have: 1 for a server, its own for a mesh peer.</param>
internal sealed record Dial(IReadOnlyList<IPEndPoint> Endpoints, ClientHandshakeSettings Settings, int ExpectedPeerId);

/// <summary>The first behaviours: welcoming (server) and dialling (client).</summary>
internal sealed partial class Connection
{
    private readonly Dial? _dial;
    private ClientHandshake? _handshake;
    private WelcomeOffer? _offer;
    private byte[]? _welcome;
    private int _endpoint;
    private int _redirects;
    private bool _hasAskedAgain;
    private long _confirmDeadline = long.MaxValue;

    private const int MaxRedirects = 3;

    public Connection(
        Member member, IActorRef transport, IDatagramSender sender, Destination destination, PeerRuntime runtime, ByteBudget partials, Acceptance acceptance)
        : this(member, transport, sender, destination, runtime, partials)
    {
        var accepted = ServerHandshake.Accept(acceptance.Hello, acceptance.TokenSecret, acceptance.Offer, runtime.Settings.Server.Identity, runtime.Random);
        CryptographicOperations.ZeroMemory(acceptance.TokenSecret);
        if (accepted is null)
        {
            End(DisconnectInfo.Of(DisconnectReason.ProtocolViolation, "the client's key is not on the curve"));
            return;
        }

        _offer = acceptance.Offer;
        _welcome = accepted.Datagram;
        LimitIngress();
        Establish(accepted.Keys, isServer: true, acceptance.Hello.ConnectionId, sendCredit: 0);
        _confirmDeadline = Now + Clock.Micros(runtime.Settings.Server.ConfirmTimeout);
        SendWelcome();
        _timer.Arm(_confirmDeadline);
        Become(Welcoming);
    }

    public Connection(Member member, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, ByteBudget partials, Dial dial)
        : this(member, transport, sender, Destination.Of(dial.Endpoints[0]), runtime, partials)
    {
        _dial = dial;
        StartDialling(dial.Settings);
        Become(DiallingOut);
    }

    /// <summary>WELCOME is sent; the client's first sealed datagram proves that it has the keys.</summary>
    private void Welcoming(object message)
    {
        switch (message)
        {
            case Inbound inbound:
                Receive(inbound);
                break;

            case HelloRepeated:
                SendWelcome();
                break;

            case TimerElapsed:
                _timer.Elapsed();
                if (Now >= _confirmDeadline)
                    End(DisconnectInfo.Of(DisconnectReason.Timeout, "the client did not confirm"));
                else
                    _timer.Arm(_confirmDeadline);
                break;

            case EndConnection end:
                var now = Now;
                _link!.Close(end.Info, now);
                Become(Leaving);
                Work(now);
                break;

            default:
                Always(message);
                break;
        }
    }

    /// <summary>HELLO is sent until it is answered.</summary>
    private void DiallingOut(object message)
    {
        switch (message)
        {
            case HandshakeArrived arrived:
                _handshake!.Handle(arrived.Datagram.Span, Now);
                AdvanceDialling();
                break;

            case TimerElapsed:
                _timer.Elapsed();
                AdvanceDialling();
                break;

            case EndConnection end:
                End(end.Info);
                break;

            default:
                Always(message);
                break;
        }
    }

    private void StartDialling(ClientHandshakeSettings settings)
    {
        _handshake?.Dispose();
        _handshake = new ClientHandshake(settings, _member.ConnectionId, _runtime.Random, Now);
        AdvanceDialling();
    }

    /// <summary>Sends the HELLO that is due, if one is.</summary>
    private ClientHandshake SayHello()
    {
        var handshake = _handshake!;
        Span<byte> hello = stackalloc byte[Hello.Length];
        if (handshake.TryTransmit(Now, hello, out var length))
            _sender.Send(hello[..length], length, _destination);
        return handshake;
    }

    private void AdvanceDialling()
    {
        var handshake = SayHello();
        switch (handshake.State)
        {
            case ClientHandshakeState.Hello:
                _timer.Arm(handshake.NextTimeout);
                break;

            case ClientHandshakeState.Established when handshake.Offer.ServerPeerId != _dial!.ExpectedPeerId:
                End(DisconnectInfo.Of(DisconnectReason.IdentityMismatch, $"the other end is peer {handshake.Offer.ServerPeerId}, not {_dial.ExpectedPeerId}"));
                break;

            case ClientHandshakeState.Established:
                _offer = handshake.Offer;
                Establish(handshake.Keys, isServer: false, _offer.ServerConnectionId, _offer.InitialCredit);
                ForgetDialling();
                _manager.Tell(new ConnectionOpened(_member, _offer));
                Become(Established);
                _link!.Ping();
                Work(Now);
                break;

            case ClientHandshakeState.Refused:
                End(handshake.Refusal);
                break;

            case ClientHandshakeState.Redirected:
                FollowRedirect(handshake);
                break;

            case ClientHandshakeState.TimedOut when ++_endpoint < _dial!.Endpoints.Count:
                _destination = Destination.Of(_dial.Endpoints[_endpoint]);
                StartDialling(_dial.Settings);
                break;

            case ClientHandshakeState.TimedOut when _redirects > 0 && !_hasAskedAgain:
                // Where it was sent is nobody any more; whoever sent it may know better by now.
                _hasAskedAgain = true;
                _endpoint = 0;
                _redirects = 0;
                _destination = Destination.Of(_dial.Endpoints[0]);
                StartDialling(_dial.Settings);
                break;

            case ClientHandshakeState.TimedOut:
                End(DisconnectInfo.Of(DisconnectReason.NoAnswer, $"{_destination.EndPoint} did not answer"));
                break;
        }
    }

    /// <summary>Whatever came of it, the ephemeral key and the token's secret have done their work.</summary>
    private void ForgetDialling()
    {
        _handshake?.Dispose();
        _handshake = null;
        _dial?.Settings.Token?.Dispose();
    }

    private void FollowRedirect(ClientHandshake handshake)
    {
        if (++_redirects > MaxRedirects || !IPEndPoint.TryParse(handshake.RedirectEndpoint, out var endpoint) || endpoint.Port == 0)
        {
            End(DisconnectInfo.Of(DisconnectReason.TooManyRedirects, $"sent elsewhere {_redirects} times, last to {handshake.RedirectEndpoint}"));
            return;
        }

        _destination = Destination.Of(endpoint);
        StartDialling(_dial!.Settings with { Ticket = handshake.RedirectTicket });
    }

    /// <summary>The client has the keys. The manager must hear of it before any sequencer hands up what came with the same datagrams.</summary>
    private void ConfirmClient()
    {
        _welcome = null;
        _confirmDeadline = long.MaxValue;
        _manager.Tell(new ConnectionOpened(_member, _offer!));
        Become(Established);
    }

    private void SendWelcome()
    {
        if (_welcome is { } welcome)
            _sender.Send(welcome, welcome.Length, _destination);
    }
}
