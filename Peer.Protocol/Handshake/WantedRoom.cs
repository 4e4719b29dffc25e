using System.Text;

namespace Peer.Protocol.Handshake;

/// <summary>
/// The room that a client wants, in front of what its application says: HELLO has no field for it, and outside of clusters nobody asks. Marked, as a ticket in
/// the token's place is.
/// </summary>
internal static class WantedRoom
{
    public const int MaxRoomLength = TicketSeal.MaxRoomLength;

    private static ReadOnlySpan<byte> Mark => "AProom"u8;

    /// <summary>Bytes that a room's name takes of the application data.</summary>
    public static int LengthOf(string room) => room.Length == 0 ? 0 : Mark.Length + 1 + Encoding.UTF8.GetByteCount(room);

    /// <summary>Application data that name a room.</summary>
    public static byte[] Write(string room, ReadOnlySpan<byte> applicationData)
    {
        if (room.Length == 0)
            return applicationData.ToArray();
        var name = Encoding.UTF8.GetBytes(room);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, MaxRoomLength, nameof(room));
        return [.. Mark, (byte)name.Length, .. name, .. applicationData];
    }

    /// <summary>The room, empty where none is named, and what the application says.</summary>
    public static (string Room, ReadOnlyMemory<byte> ApplicationData) Read(ReadOnlyMemory<byte> data)
    {
        var bytes = data.Span;
        if (!bytes.StartsWith(Mark) || bytes.Length <= Mark.Length)
            return ("", data);
        var length = bytes[Mark.Length];
        var rest = data[(Mark.Length + 1)..];
        return length is 0 or > MaxRoomLength || rest.Length < length
            ? ("", data)
            : (Encoding.UTF8.GetString(rest.Span[..length]), rest[length..]);
    }
}
