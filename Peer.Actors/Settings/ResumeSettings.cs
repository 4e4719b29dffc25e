using Peer.Protocol.Handshake;

namespace Peer.Actors.Settings;

/// <summary>Settings of interrupted connections, section <c>actorpeer.resume</c>.</summary>
public sealed record ResumeSettings
{
    /// <summary>A client whose connection was lost may come back within so long after its time-out; zero: a time-out is the end.</summary>
    public required TimeSpan Grace { get; init; }

    /// <summary>Most interrupted clients at a time; the one that has been away longest gives way.</summary>
    public required int HeldPeers { get; init; }

    /// <summary>Bytes that may wait for one interrupted client.</summary>
    public required long HeldPerPeer { get; init; }

    /// <summary>Bytes that may wait for all interrupted clients together.</summary>
    public required long HeldTotal { get; init; }

    /// <summary>How long a ticket is good; it is renewed at half of that.</summary>
    public required TimeSpan TicketLifetime { get; init; }

    /// <summary>Keys of tickets, 32 bytes each; the first seals, all open. Empty: the server draws one that nobody else knows.</summary>
    public required IReadOnlyList<byte[]> TicketKeys { get; init; }

    /// <summary>Whether a server takes in clients of another one that has failed, by tickets under the same keys.</summary>
    public required bool Adopt { get; init; }

    internal static ResumeSettings Parse(SettingsReader reader) => new()
    {
        Grace = reader.Duration("grace", TimeSpan.Zero, TimeSpan.FromHours(1)),
        HeldPeers = reader.Number("held-peers", 0, 65_536),
        HeldPerPeer = reader.Bytes("held-per-peer", 0, 4L << 30),
        HeldTotal = reader.Bytes("held-total", 0, 64L << 30),
        TicketLifetime = reader.Duration("ticket-lifetime", TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
        Adopt = reader.Flag("adopt"),
        TicketKeys = [.. reader.Texts("ticket-keys").Select(text => Key(reader, text))],
    };

    private static byte[] Key(SettingsReader reader, string text)
    {
        var bytes = new byte[TicketSeal.KeyLength + 1];
        return Convert.TryFromBase64String(text, bytes, out var length) && length == TicketSeal.KeyLength
            ? bytes[..TicketSeal.KeyLength]
            : throw reader.Illegal("ticket-keys", "(hidden)", "keys of 32 bytes in base64");
    }
}
