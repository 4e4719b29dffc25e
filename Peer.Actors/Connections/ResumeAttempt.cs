using System.Net;
using Peer.Actors.Transport;
using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>Somebody has shown a connection's ticket and been welcomed. Until a datagram under the new keys proves its secret, that means nothing.</summary>
internal sealed class ResumeAttempt(ResumeAsked asked, WelcomeResult accepted, long deadline) : IDisposable
{
    public (HelloFingerprint Hello, IPEndPoint From) Key { get; } = asked.Newcomer.Attempt;

    public Newcomer Newcomer { get; } = asked.Newcomer;

    public uint Generation { get; } = asked.Ticket.Generation;

    /// <summary>The connection id that datagrams under its keys carry.</summary>
    public ulong ConnectionId { get; } = asked.Offer.ServerConnectionId;

    /// <summary>The connection id that the client picked.</summary>
    public ulong RemoteId { get; } = asked.Newcomer.Hello.ConnectionId;

    public SessionKeys Keys => accepted.Keys;

    public long Deadline { get; } = deadline;

    public void SendWelcome(IDatagramSender sender) => sender.Send(accepted.Datagram, accepted.Datagram.Length, Destination.Of(Newcomer.From));

    /// <summary>Whether one of these datagrams was sealed with the keys. They are left as they are.</summary>
    public bool IsProvenBy(ReadOnlySpan<byte> datagrams)
    {
        using var protection = accepted.Keys.FromClient();
        while (SealedHeader.TryRead(datagrams, out _, out var truncated, out var length))
        {
            var copy = datagrams[..length].ToArray();
            if (SealedHeader.PhaseOf(copy) == 0 && protection.Open(copy, SealedHeader.Length, SequenceNumbers.Expand(truncated, 32, 0)))
                return true;
            datagrams = datagrams[length..];
        }

        return false;
    }

    public void Dispose() => accepted.Keys.Dispose();
}
