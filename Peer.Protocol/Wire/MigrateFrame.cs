using System.Diagnostics.CodeAnalysis;
using Peer.Protocol.Handshake;
using Peer.Protocol.Control;
using Peer.Protocol.Crypto;

namespace Peer.Protocol.Wire;

/// <summary>MIGRATE: where the connection goes on, and with which ticket.</summary>
/// <param name="Endpoint">The other server, <c>address:port</c>.</param>
/// <param name="Ticket">What to show there.</param>
internal sealed record Migration(string Endpoint, TicketIssued Ticket);

/// <summary>The MIGRATE frame behind its type byte.</summary>
internal static class MigrateFrame
{
    public const int MaxEndpointLength = 200;

    /// <summary>Writes the frame, type byte included, and returns its length.</summary>
    public static int Write(Span<byte> destination, Migration migration)
    {
        var writer = new FieldWriter(destination);
        writer.U8(FrameType.Migrate);
        writer.Text8(migration.Endpoint, MaxEndpointLength);
        writer.I32((int)migration.Ticket.Generation);
        writer.I32(migration.Ticket.GraceMs);
        writer.Bytes(migration.Ticket.Secret);
        writer.Sized16(migration.Ticket.Ticket);
        return writer.Length;
    }

    public static bool TryRead(ReadOnlySpan<byte> content, [NotNullWhen(true)] out Migration? migration, out int length)
    {
        migration = null;
        var reader = new FieldReader(content);
        var endpoint = reader.Text8(MaxEndpointLength);
        var generation = (uint)reader.I32();
        var grace = reader.I32();
        var secret = reader.Bytes(HandshakeSecret.TokenSecretLength);
        var ticket = reader.Sized16(HandshakeFormat.MaxTokenLength);
        length = content.Length - reader.Rest.Length;
        if (reader.Failed || endpoint.Length == 0 || grace < 0 || ticket.Length == 0)
            return false;
        migration = new Migration(endpoint, new TicketIssued(generation, secret.ToArray(), ticket.ToArray(), grace));
        return true;
    }
}
