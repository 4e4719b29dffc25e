using System.Net;
using Peer.Protocol.Admission;
using Peer.Protocol.Handshake;

namespace Peer.Actors;

/// <summary>Somebody who has proven an address and shown a genuine token, if any, and is not a peer yet.</summary>
/// <param name="Hello">What it said.</param>
/// <param name="Token">Its token.</param>
/// <param name="From">Its address.</param>
/// <param name="Source">The source prefix that it counts for; null when such limits do not hold for it.</param>
internal sealed record Newcomer(Hello Hello, OpenedToken? Token, IPEndPoint From, AddressPrefix? Source)
{
    /// <summary>
    /// Tells one attempt from another by content and address: a damaged HELLO is not the one that it was, and whoever repeats somebody else's from elsewhere
    /// gets an attempt of his own, which he cannot confirm.
    /// </summary>
    public (HelloFingerprint Hello, IPEndPoint From) Attempt { get; } = (new HelloFingerprint(Hello), From);

    /// <summary>The ticket of another server's room that it shows in the token's place; null for a newcomer.</summary>
    public ResumeTicket? Ticket { get; init; }

    /// <summary>What the admission hook is told of it.</summary>
    public AdmissionRequest Request()
    {
        var (room, said) = WantedRoom.Read(Hello.ApplicationData);
        return new AdmissionRequest(From, Token?.ClientId ?? Ticket?.ClientId, Token?.UserData ?? Ticket?.UserData ?? [], said)
        {
            Room = Ticket?.Room ?? room,
            IsReturn = Ticket is not null,
        };
    }
}

/// <summary>A newcomer about whom the admission hook is being asked.</summary>
internal sealed record Applicant(Newcomer Newcomer, CancellationTokenSource Overdue);
