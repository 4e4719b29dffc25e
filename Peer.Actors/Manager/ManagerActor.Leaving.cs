using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.ENet;
using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>The way out: connections first, then the socket, then the last event.</summary>
internal sealed partial class ManagerActor
{
    private readonly DeadlineTimer _overdue;

    /// <summary>Connections say good-bye, each in its own time; nobody is admitted.</summary>
    private void Closing(object message)
    {
        switch (message)
        {
            case RunsArrived arrived:
                Receive(arrived);
                break;

            case Stranger stranger:
                Greet(stranger);
                break;

            case ENetStranger stranger:
                GreetENet(stranger);
                break;

            case ConnectionClosed closed:
                if (closed.WasAnswered)
                    _unmoved.Remove(closed.Member);
                Closed(closed.Member, closed.Info);
                break;

            case ConnectionOpened opened:
                LastObjection(opened.Member);
                opened.Member.Connection.Tell(new EndConnection(_leaving!, Graceful: false));
                break;

            case TransportClosed when PortOf(Sender) is { } port:
                Closed(port);
                break;

            case CloseOverdue:
                if (_members.Count > 0)
                    _log.Warning("{0} connections did not close in time and are cut off", _members.Count);
                ClosePorts();
                break;

            case Leave or ServerResolved or MeshPeerResolved or ResolveFailed or AttemptRefused:
                break;

            default:
                Always(message);
                break;
        }
    }

    private void BeginLeaving(DisconnectInfo info)
    {
        if (_leaving is not null)
            return;
        _leaving = info;
        DrainOutbox();
        LeaveSpan(info);
        Become(Closing);
        foreach (var member in _members.Values)
            member.Connection.Tell(new EndConnection(info, Graceful: true));
        DismissAll(info.Reason);
        var limit = _runtime.Settings.FlushTimeout + _runtime.Settings.CloseTimeout + TimeSpan.FromSeconds(1);
        _overdue.Arm(_runtime.Clock.Now + Clock.Micros(limit));
        ContinueLeaving();
    }

    private void ContinueLeaving()
    {
        if (_leaving is not null && _members.Count == 0 && _unmoved.Count == 0)
            ClosePorts();
    }

    private void Fail(string cause)
    {
        _leaving = DisconnectInfo.Of(DisconnectReason.NoAnswer, cause);
        Announce(new CouldNotStart(cause));
        Context.Stop(Self);
    }

    private void Fail(DisconnectInfo why)
    {
        _leaving = why;
        Announce(new ConnectionFailed(why));
        Context.Stop(Self);
    }

    private sealed record CloseOverdue : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static CloseOverdue Instance { get; } = new();
    }
}
