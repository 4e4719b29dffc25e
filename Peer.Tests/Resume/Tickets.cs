using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Tests.Resume;

/// <summary>Tickets under the key that the tests' servers share.</summary>
internal static class Tickets
{
    public static byte[] Key { get; } = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    public static (byte[] Ticket, byte[] Secret) Seal(
        Simulation simulation, UInt128 session, int peer, uint generation, byte[]? key = null, string application = "actorpeer", string room = "", long life = 3600)
    {
        var secret = new byte[32];
        simulation.Random.Fill(secret);
        var expiry = simulation.Time.GetUtcNow().ToUnixTimeSeconds() + life;
        var ticket = new ResumeTicket(session, peer, generation, expiry, secret, null, [], room);
        return (TicketSeal.Seal(ticket, key ?? Key, HandshakeFormat.ApplicationId(application), simulation.Random), secret);
    }
}
