using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Telemetry;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Handover;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;

namespace Peer.Actors;

/// <summary>
/// A server that goes on elsewhere. First its connections fall silent and hand up what they had; when all of that has been routed, their states are
/// written down; then the clients are told where to go. Between the first and the last step nothing is lost, since nothing is acknowledged.
/// </summary>
internal sealed partial class ManagerActor
{
    private readonly HashSet<Member> _freezing = [];
    private readonly Dictionary<Member, HandedConnection> _handed = [];
    private readonly Dictionary<Member, TicketIssued> _lastTickets = [];
    private IActorRef _handoverAsker = ActorRefs.Nobody;
    private bool _awaitsLastWord;
    private bool _isWritingDown;
    private bool _isHandingOver;
    private bool _isHandedOver;
    private DateTimeOffset _handoverBegan;

    /// <summary>Where this server's clients go on; null while they are here.</summary>
    private string? _movedTo;

    /// <summary>Clients of whom it is not known that they have heard of it: they may ask.</summary>
    private readonly HashSet<Member> _unmoved = [];

    /// <summary>The connections hand over; nobody is admitted, and nothing of the application's own is sent any more.</summary>
    private void HandingOver(object message)
    {
        switch (message)
        {
            case RunsArrived arrived:
                Receive(arrived);
                break;

            case ConnectionFrozen frozen:
                Froze(frozen.Member);
                break;

            case ConnectionExported exported:
                Exported(exported);
                break;

            case ConnectionClosed closed:
                Closed(closed.Member, closed.Info);
                Froze(closed.Member);
                ConcludeHandover();
                break;

            case Send send when !_isWritingDown:
                SendOne(send);
                break;

            case WriteDown when _awaitsLastWord && _freezing.Count == 0:
                BeginWriting();
                break;

            case Migrate migrate when _isHandedOver:
                MoveAll([migrate.Endpoint, .. migrate.Others]);
                break;

            case Stranger stranger:
                _strangers.Leave(stranger.Datagram.Length);
                break;

            case ConnectionOpened or ConnectionInterrupted or ConnectionResumed or TicketsDue:
                break;

            default:
                Always(message);
                break;
        }
    }

    private void BeginHandover(IActorRef asker, bool awaitsLastWord)
    {
        if (!IssuesTickets)
        {
            asker.Tell(new HandedOver(default, "clients cannot be handed over: actorpeer.resume.grace is 0s, or this is no server"));
            return;
        }

        DrainOutbox();
        _isHandingOver = true;
        _isWhole = !IsSpanning || (HomeManager is null && _gateways.Count == 0 && _afar.Count == 0);
        EndReturns();
        _handoverAsker = asker;
        _awaitsLastWord = awaitsLastWord;
        _handoverBegan = UtcNow;
        _refusing = true;
        Become(HandingOver);
        StopAsking();
        foreach (var unopened in _unopened.ToArray())
            Abandon(unopened);
        _freezing.UnionWith(_members.Values);
        foreach (var member in _freezing)
        {
            // Who speaks ENet cannot be told where to go. The others hear that it leaves, so nothing is written down before it is gone.
            member.Connection.Tell(member.Membership is null
                ? new EndConnection(DisconnectInfo.Of(DisconnectReason.ShuttingDown), Graceful: false)
                : Freeze.Instance);
        }

        AskGatewaysToPart();
        if (_freezing.Count == 0)
            AllFroze();
    }

    private void Froze(Member member)
    {
        if (_freezing.Remove(member) && _freezing.Count == 0)
            AllFroze();
    }

    /// <summary>All that the clients sent has been routed, so that what each of them has to get is where it belongs.</summary>
    private void AllFroze()
    {
        if (AwaitsGateways)
            return;
        if (_awaitsLastWord)
            _handoverAsker.Tell(LastPacketTold.Instance);
        else
            BeginWriting();
    }

    private void BeginWriting()
    {
        if (_isWritingDown)
            return;
        _isWritingDown = true;
        foreach (var other in _members.Values)
            other.Connection.Tell(ExportConnection.Instance);
        ConcludeHandover();
    }

    private void Exported(ConnectionExported exported)
    {
        var member = exported.Member;
        if (member.IsGone || member.Membership is not { } membership)
            return;
        var (ticket, _) = NewTicket(member);
        _lastTickets[member] = ticket;
        var token = TokenOf(member);
        _handed[member] = new HandedConnection
        {
            Session = membership.Session,
            PeerId = member.Id,
            Newest = membership.Newest,
            Oldest = membership.Oldest,
            ClientId = token?.ClientId,
            UserData = token?.UserData ?? [],
            SendCredit = exported.SendCredit,
            CreditUsed = exported.CreditUsed,
            GrantedCredit = exported.GrantedCredit,
            Sequences = exported.Sequences,
        };
        ConcludeHandover();
    }

    private void ConcludeHandover()
    {
        if (_isHandedOver || !_isWritingDown || _members.Values.Any(member => member.Membership is not null && !_handed.ContainsKey(member)))
            return;
        if (HomeManager is not null && !TryPart())
            return;
        _isHandedOver = true;

        // Where no one server has all, clients are known again by their tickets.
        var state = !_isWhole ? default : (ReadOnlyMemory<byte>)HandoverCodec.Encode(new HandedServer([.. _ticketKeys], _tokens.Export(), [.. _handed.Values.Where(one => _peers.ContainsKey(one.PeerId))]));
        _counters.HandedOver += _handed.Count;
        Activities.Tell(Activities.HandOver, _book, _handoverBegan, UtcNow, DisconnectReason.None, (Tags.Connections, _handed.Count));
        _handed.Clear();
        if (_handoverAsker.IsNobody())
            Announce(new HandedOver(state, ""));
        else
            _handoverAsker.Tell(new HandedOver(state, ""));
    }

    /// <summary>The clients are told; this server ends as soon as they have heard it, and nobody here is told that anybody left.</summary>
    private void MoveAll(string[] endpoints)
    {
        _leaving = DisconnectInfo.Of(DisconnectReason.ShuttingDown, "the server goes on elsewhere");
        Become(Closing);
        _movedTo = endpoints[0];
        foreach (var (member, ticket) in _lastTickets)
        {
            member.Connection.Tell(new MigrateConnection(new Migration(endpoints[_unmoved.Count % endpoints.Length], ticket)));
            _unmoved.Add(member);
        }

        _lastTickets.Clear();
        _overdue.Arm(_runtime.Clock.Now + _runtime.Settings.Link.IdleTimeout + Clock.Micros(ResumeRules.Grace));
        ContinueLeaving();
    }

    private void PointElsewhere(Newcomer newcomer, string endpoint)
    {
        Span<byte> reply = stackalloc byte[Elsewhere.MaxLength];
        var length = Elsewhere.Write(reply, newcomer.Hello.ClientNonce, endpoint, newcomer.Hello.Token);
        _counters.PointedElsewhere++;
        _port.Sender!.Send(reply[..length], length, Destination.Of(newcomer.From));
    }

    /// <summary>The clients of another server; they are peers of this one from the start, and come when they have been told, or when they notice.</summary>
    private bool TryTakeOver(ReadOnlyMemory<byte> state)
    {
        var began = UtcNow;
        if (HandoverCodec.Decode(state) is not { } server)
            return false;
        _ticketKeys = [.. _ticketKeys, .. server.TicketKeys];
        _tokens.Import(server.SpentTokens);
        foreach (var handed in server.Connections)
        {
            if (_peers.ContainsKey(handed.PeerId))
                return false;
            var member = NewMember(handed.PeerId);
            member.Membership = new Membership(member, handed.Session)
            {
                Newest = handed.Newest,
                Oldest = handed.Oldest,
                Token = Known(handed.ClientId, handed.UserData),
            };
            member.MayResume = true;
            member.HasConfirmed = true;
            Adopt(member, Connection.Restored(member, _port.Transport, _port.Sender!, _runtime, _partials, handed), $"connection-{handed.PeerId}");
            Open(member);
            member.IsInterrupted = true;
            member.IsMoving = true;
            member.AwaySince = began;
            if (handed.ClientId is { } id)
                _clients[id] = member;
            Announce(Connected(member));
        }

        _counters.TakenOver += server.Connections.Length;
        Activities.Tell(Activities.TakeOver, _book, began, UtcNow, DisconnectReason.None, (Tags.Connections, server.Connections.Length));
        return true;
    }

    /// <summary>What is known of the connect token that a client once came with.</summary>
    private static OpenedToken? Known(ulong? client, byte[] userData) =>
        client is { } id ? new OpenedToken(new byte[TokenSeal.IdLength], id, 0, [], [], userData) : null;

    private static OpenedToken? TokenOf(Member member) => member.Newcomer?.Token ?? member.Membership?.Token;
}
