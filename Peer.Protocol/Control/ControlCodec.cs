using System.Buffers;
using System.Text.Unicode;
using MessagePack;

namespace Peer.Protocol.Control;

/// <summary>MessagePack codec of control messages, for bytes that a hostile peer may have written: every count is checked against what is there.</summary>
internal static class ControlCodec
{
    /// <summary>Largest control message, bytes.</summary>
    public const int MaxBytes = 64 << 10;

    /// <summary>Most peer IDs in one message; a longer roster is told in several.</summary>
    public const int MaxPeers = 8192;

    /// <summary>Most servers in one message, and the longest name of one.</summary>
    public const int MaxServers = 16;
    public const int MaxServerLength = 64;

    private const int JoinedType = 1;
    private const int LeftType = 2;
    private const int TicketType = 3;
    private const int HeldType = 4;
    private const int ReturnedType = 5;
    private const int SettledType = 6;
    private const int ServersType = 7;

    public static byte[] Encode(IControlMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        switch (message)
        {
            case PeersJoined joined:
                WritePeers(ref writer, JoinedType, joined.Peers);
                break;

            case PeersReturned returned:
                WritePeers(ref writer, ReturnedType, returned.Peers);
                break;

            case RosterSettled:
                writer.WriteArrayHeader(1);
                writer.Write(SettledType);
                break;

            case PeerLeft left:
                writer.WriteArrayHeader(5);
                writer.Write(LeftType);
                writer.Write(left.Peer);
                writer.Write((byte)left.Reason);
                WriteText(ref writer, left.Text);
                writer.Write(left.Marks);
                break;

            case TicketIssued ticket:
                writer.WriteArrayHeader(5);
                writer.Write(TicketType);
                writer.Write(ticket.Generation);
                writer.Write(ticket.Secret);
                writer.Write(ticket.Ticket);
                writer.Write(ticket.GraceMs);
                break;

            case ServersTold told:
                writer.WriteArrayHeader(2);
                writer.Write(ServersType);
                writer.WriteArrayHeader(told.Endpoints.Length);
                foreach (var endpoint in told.Endpoints)
                    writer.Write(endpoint);
                break;

            case TicketHeld held:
                writer.WriteArrayHeader(2);
                writer.Write(HeldType);
                writer.Write(held.Generation);
                break;

            default:
                throw new ArgumentException($"no control message: {message.GetType()}", nameof(message));
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads one message; null when the bytes are no legal one.</summary>
    public static IControlMessage? Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > MaxBytes)
            return null;
        try
        {
            var reader = new MessagePackReader(bytes);
            var fields = reader.ReadArrayHeader();
            IControlMessage? message = (fields, reader.ReadInt32()) switch
            {
                (2, JoinedType) => ReadPeers(ref reader) is { } peers ? new PeersJoined(peers) : null,
                (2, ReturnedType) => ReadPeers(ref reader) is { } peers ? new PeersReturned(peers) : null,
                (1, SettledType) => new RosterSettled(),
                (5, LeftType) => ReadLeft(ref reader),
                (5, TicketType) => ReadTicket(ref reader),
                (2, ServersType) => ReadServers(ref reader),
                (2, HeldType) => new TicketHeld(reader.ReadUInt32()),
                _ => null,
            };
            return reader.End ? message : null;
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    private static void WritePeers(ref MessagePackWriter writer, int type, int[] peers)
    {
        writer.WriteArrayHeader(2);
        writer.Write(type);
        writer.WriteArrayHeader(peers.Length);
        foreach (var peer in peers)
            writer.Write(peer);
    }

    /// <summary>Whoever wrote the text may have written more than the other end accepts: it is cut at a character.</summary>
    private static void WriteText(ref MessagePackWriter writer, string text)
    {
        var bytes = new byte[Wire.CloseFrame.MaxTextBytes];
        Utf8.FromUtf16(text, bytes, out _, out var written);
        writer.WriteString(bytes.AsSpan(0, written));
    }

    private static int[]? ReadPeers(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        if (count is 0 or > MaxPeers)
            return null;
        var peers = new int[count];
        for (var i = 0; i < count; i++)
        {
            peers[i] = reader.ReadInt32();
            if (peers[i] < Routing.PeerIds.FirstClient)
                return null;
        }

        return peers;
    }

    private static ServersTold? ReadServers(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        if (count > MaxServers)
            return null;
        var endpoints = new string[count];
        for (var i = 0; i < count; i++)
        {
            if (reader.ReadString() is not { Length: > 0 and <= MaxServerLength } endpoint)
                return null;
            endpoints[i] = endpoint;
        }

        return new ServersTold(endpoints);
    }

    private static TicketIssued? ReadTicket(ref MessagePackReader reader)
    {
        var generation = reader.ReadUInt32();
        var secret = reader.ReadBytes();
        var ticket = reader.ReadBytes();
        var grace = reader.ReadInt32();
        if (secret is not { Length: Crypto.HandshakeSecret.TokenSecretLength } || ticket is not { Length: > 0 and <= Handshake.HandshakeFormat.MaxTokenLength } || grace < 0)
            return null;
        return new TicketIssued(generation, secret.Value.ToArray(), ticket.Value.ToArray(), grace);
    }

    private static PeerLeft? ReadLeft(ref MessagePackReader reader)
    {
        var peer = reader.ReadInt32();
        var reason = (DisconnectReason)reader.ReadByte();
        var text = reader.ReadString();
        var marks = reader.ReadBytes();
        if (peer < Routing.PeerIds.FirstClient || text is null || text.Length > Wire.CloseFrame.MaxTextBytes || marks is not { Length: <= SequenceKey.ControlChannel })
            return null;
        return new PeerLeft(peer, reason, text, marks.Value.ToArray());
    }
}
