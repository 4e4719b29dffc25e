using System.Buffers.Binary;
using Akka.Event;
using Peer.Actors.Transport;
using Peer.Protocol.Links;

namespace Peer.Actors.Connections;

/// <summary>A client whose address changes is followed once the new path has proven itself.</summary>
internal sealed partial class Connection
{
    private void ChallengeNewPath(Inbound inbound)
    {
        // A challenge may be lost, so it is repeated for as long as the address goes on sending, but not for each datagram.
        if (inbound.Datagrams.Length < PeerLink.PathChallengeSize || (inbound.From.Equals(_candidate) && Now < _challengeAgain))
            return;

        // The token stays: where the round trip is longer than the interval, every answer would be one to an earlier challenge.
        if (!inbound.From.Equals(_candidate))
        {
            _candidate = inbound.From;
            Span<byte> token = stackalloc byte[8];
            _runtime.Random.Fill(token);
            _challenge = BinaryPrimitives.ReadUInt64LittleEndian(token);
        }

        _challengeAgain = Now + ChallengeInterval;
        Span<byte> datagram = stackalloc byte[PeerLink.PathChallengeSize];
        var length = _link!.ChallengePath(datagram, _challenge, Now);
        _sender.Send(datagram[..length], length, Destination.Of(inbound.From));
    }

    void ILinkListener.PathValidated()
    {
        // Only the new path itself may prove the new path: whoever merely forwards a client's datagrams gains nothing.
        if (_candidate is null || !_candidate.Equals(_receivingFrom))
            return;
        _log.Info("Peer {0} moved from {1} to {2}", _member.Id, _destination.EndPoint, _candidate);
        _destination = Destination.Of(_candidate);
        _candidate = null;
        _link!.PathChanged(Now);
    }
}
