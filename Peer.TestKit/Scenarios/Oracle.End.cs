using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>What must hold once everything is quiet.</summary>
internal sealed partial class Oracle
{
    /// <summary>Faults and traffic are over and time has passed.</summary>
    /// <param name="hosts">Hosts whose peers must be connected now.</param>
    public void Finish(IReadOnlyCollection<string> hosts)
    {
        var live = _sessions.Where(session => session.IsLive && session.Id != 0).ToArray();
        foreach (var host in hosts)
        {
            if (live.Count(session => session.Host == host && (session.Kind != SessionKind.Client || session.PeersSeen > 0)) != 1)
                Break(Laws.RosterConverges, $"{host} is not connected");
        }

        foreach (var receiver in live)
        {
            CheckRoster(receiver, live);
            foreach (var sender in live)
            {
                if (sender != receiver && sender.Sees(receiver.Id) && receiver.Sees(sender.Id))
                    CheckArrived(sender, receiver);
            }
        }
    }

    private void CheckRoster(Session session, Session[] live)
    {
        foreach (var other in live)
        {
            var knows = other != session && (relay || session.Kind != SessionKind.Client || other.Kind != SessionKind.Client);
            if (session.Sees(other.Id) != knows)
                Break(Laws.RosterConverges, $"{session} {(knows ? "does not know" : "knows")} {other}");
        }

        foreach (var (peer, view) in session.Views)
        {
            if (view.IsPresent && !live.Any(other => other.Id == peer))
                Break(Laws.RosterConverges, $"{session} still knows {peer}, who is not there");
        }
    }

    private void CheckArrived(Session sender, Session receiver)
    {
        foreach (var (stream, packets) in sender.Sent)
        {
            if ((stream & 3) == (int)TransferMode.Reliable && FirstOwed(sender, receiver, stream, packets) is { } missing)
                Break(Laws.Quiescence, $"{receiver} never got packet {missing} of {sender} on channel {stream >> 2}");
        }
    }
}
