using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>What both CONNECT and VERIFY_CONNECT say: one end's view of a connection.</summary>
/// <param name="PeerId">The sender's slot for the other end.</param>
/// <param name="IncomingSession">Session of the sender's incoming datagrams, in CONNECT; of the receiver's in VERIFY_CONNECT. 255 for none yet.</param>
/// <param name="OutgoingSession">The other direction's.</param>
/// <param name="Mtu">Largest datagram.</param>
/// <param name="Window">Bytes under way.</param>
/// <param name="Channels">How many.</param>
/// <param name="IncomingBandwidth">Bytes per second that the sender takes, 0 for any.</param>
/// <param name="OutgoingBandwidth">Bytes per second that the sender sends at most, 0 for any.</param>
/// <param name="ThrottleInterval">Milliseconds over which the throttle compares round trips.</param>
/// <param name="ThrottleAcceleration">How fast it opens.</param>
/// <param name="ThrottleDeceleration">How fast it closes.</param>
/// <param name="ConnectId">Drawn by whoever connects; four opaque bytes.</param>
internal readonly record struct ConnectionOffer(
    ushort PeerId, byte IncomingSession, byte OutgoingSession, uint Mtu, uint Window, uint Channels, uint IncomingBandwidth, uint OutgoingBandwidth,
    uint ThrottleInterval, uint ThrottleAcceleration, uint ThrottleDeceleration, uint ConnectId)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 40;

    /// <summary>Reads one; there must be room for it.</summary>
    public static ConnectionOffer Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt16BigEndian(bytes),
        bytes[2],
        bytes[3],
        UInt32(bytes, 4),
        UInt32(bytes, 8),
        UInt32(bytes, 12),
        UInt32(bytes, 16),
        UInt32(bytes, 20),
        UInt32(bytes, 24),
        UInt32(bytes, 28),
        UInt32(bytes, 32),
        UInt32(bytes, 36));

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt16BigEndian(bytes, PeerId);
        bytes[2] = IncomingSession;
        bytes[3] = OutgoingSession;
        ReadOnlySpan<uint> words =
            [Mtu, Window, Channels, IncomingBandwidth, OutgoingBandwidth, ThrottleInterval, ThrottleAcceleration, ThrottleDeceleration, ConnectId];
        for (var i = 0; i < words.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(4 + (i * 4))..], words[i]);
    }

    private static uint UInt32(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);
}
