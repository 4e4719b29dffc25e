using System.Buffers;
using System.Buffers.Binary;
using MessagePack;

namespace Peer.Protocol.Handover;

/// <summary>The state of a server as bytes: MessagePack, with a version in front. Every count is checked against what is there.</summary>
internal static class HandoverCodec
{
    /// <summary>The version that is written, and the only one that is read.</summary>
    public const int Version = 1;

    public static byte[] Encode(HandedServer server)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(4);
        writer.Write(Version);
        writer.WriteArrayHeader(server.TicketKeys.Length);
        foreach (var key in server.TicketKeys)
            writer.Write(key);
        writer.WriteArrayHeader(2 * server.SpentTokens.Length);
        foreach (var (id, expiry) in server.SpentTokens)
        {
            Write(ref writer, id);
            writer.Write(expiry);
        }

        writer.WriteArrayHeader(server.Connections.Length);
        foreach (var connection in server.Connections)
            Write(ref writer, connection);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a state; null when these bytes are none of this version.</summary>
    public static HandedServer? Decode(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() != 4 || reader.ReadInt32() != Version)
                return null;
            var keys = new byte[reader.ReadArrayHeader()][];
            for (var i = 0; i < keys.Length; i++)
            {
                keys[i] = Bytes(ref reader);
                if (keys[i].Length != Handshake.TicketSeal.KeyLength)
                    return null;
            }

            var count = reader.ReadArrayHeader();
            var spent = new (UInt128, long)[count / 2];
            for (var i = 0; i < spent.Length; i++)
                spent[i] = (Id(ref reader), reader.ReadInt64());
            var connections = new HandedConnection[reader.ReadArrayHeader()];
            for (var i = 0; i < connections.Length; i++)
                connections[i] = Connection(ref reader);
            return reader.End && count % 2 == 0 ? new HandedServer(keys, spent, connections) : null;
        }
        catch (Exception e) when (e is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static void Write(ref MessagePackWriter writer, HandedConnection connection)
    {
        writer.WriteArrayHeader(10);
        Write(ref writer, connection.Session);
        writer.Write(connection.PeerId);
        writer.Write(connection.Newest);
        writer.Write(connection.Oldest);
        if (connection.ClientId is { } client)
            writer.Write(client);
        else
            writer.WriteNil();
        writer.Write(connection.UserData);
        writer.Write(connection.SendCredit);
        writer.Write(connection.CreditUsed);
        writer.Write(connection.GrantedCredit);
        writer.WriteArrayHeader(connection.Sequences.Length);
        foreach (var (key, outbound, inbound) in connection.Sequences)
        {
            writer.WriteArrayHeader(9);
            writer.Write(key.Channel);
            writer.Write((byte)key.Mode);
            writer.Write(outbound.Oldest);
            writer.Write(outbound.Next);
            Write(ref writer, outbound.Frames);
            writer.WriteArrayHeader(outbound.Runs.Length);
            foreach (var run in outbound.Runs)
            {
                writer.WriteArrayHeader(4);
                Write(ref writer, run.Peer);
                writer.Write(run.Ended);
                writer.Write(run.Messages);
                writer.Write(run.Bytes);
            }

            writer.Write(inbound.Expected);
            Write(ref writer, inbound.Early);
            Write(ref writer, inbound.Assembly);
        }
    }

    private static HandedConnection Connection(ref MessagePackReader reader)
    {
        Expect(ref reader, 10);
        var session = Id(ref reader);
        var peer = reader.ReadInt32();
        var (newest, oldest) = (reader.ReadUInt32(), reader.ReadUInt32());
        ulong? client = reader.TryReadNil() ? null : reader.ReadUInt64();
        var userData = Bytes(ref reader);
        var (sendCredit, used, granted) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        var sequences = new HandedSequence[reader.ReadArrayHeader()];
        for (var i = 0; i < sequences.Length; i++)
            sequences[i] = Sequence(ref reader);
        if (peer < Routing.PeerIds.FirstClient || sendCredit < 0 || used < 0 || granted < 0 || userData.Length > Handshake.TokenSeal.MaxUserDataLength
            || sequences.Select(sequence => sequence.Key).Distinct().Count() != sequences.Length)
            throw new FormatException();
        return new HandedConnection
        {
            Session = session,
            PeerId = peer,
            Newest = newest,
            Oldest = oldest,
            ClientId = client,
            UserData = userData,
            SendCredit = sendCredit,
            CreditUsed = used,
            GrantedCredit = granted,
            Sequences = sequences,
        };
    }

    private static HandedSequence Sequence(ref MessagePackReader reader)
    {
        Expect(ref reader, 9);
        var key = new SequenceKey(reader.ReadByte(), (TransferMode)reader.ReadByte());
        var (oldest, next) = (reader.ReadInt64(), reader.ReadInt64());
        var frames = Frames(ref reader);
        var runs = new HandedRun[reader.ReadArrayHeader()];
        for (var i = 0; i < runs.Length; i++)
        {
            Expect(ref reader, 4);
            runs[i] = new HandedRun(Peer(ref reader), reader.ReadBoolean(), reader.ReadInt32(), Bytes(ref reader));
            if (runs[i].Ended ? runs[i].Peer is null || runs[i].Bytes.Length > 0 : Delivery.RunReader.Count(runs[i].Bytes) != runs[i].Messages)
                throw new FormatException();
        }

        var expected = reader.ReadInt64();
        var early = Frames(ref reader);
        var assembly = Assembly(ref reader);
        if (!Enum.IsDefined(key.Mode) || (key.IsControl && key.Mode != TransferMode.Reliable) || expected < 0 || oldest < 0 || next < oldest
            || next - oldest > Delivery.DeliverySettings.MaxWindowFrames
            || !AreBetween(frames, oldest, next) || !AreBetween(early, expected + 1, expected + Delivery.DeliverySettings.MaxWindowFrames))
            throw new FormatException();
        return new HandedSequence(key, new HandedOutbound(oldest, next, frames, runs), new HandedInbound(expected, early, assembly));
    }

    private static bool AreBetween(HandedFrame[] frames, long first, long end)
    {
        var last = first - 1;
        foreach (var frame in frames)
        {
            if (frame.Sequence <= last || frame.Sequence >= end)
                return false;
            last = frame.Sequence;
        }

        return true;
    }

    private static void Write(ref MessagePackWriter writer, HandedFrame[] frames)
    {
        writer.WriteArrayHeader(frames.Length);
        foreach (var frame in frames)
        {
            writer.WriteArrayHeader(8);
            writer.Write(frame.Sequence);
            Write(ref writer, frame.Peer);
            writer.Write(frame.Ended);
            writer.Write(frame.FragmentIndex);
            writer.Write(frame.FragmentCount);
            writer.Write(frame.CreditBytes);
            writer.Write(frame.WasSent);
            writer.Write(frame.Payload);
        }
    }

    private static HandedFrame[] Frames(ref MessagePackReader reader)
    {
        var frames = new HandedFrame[reader.ReadArrayHeader()];
        for (var i = 0; i < frames.Length; i++)
        {
            Expect(ref reader, 8);
            frames[i] = new HandedFrame(
                reader.ReadInt64(), Peer(ref reader), reader.ReadBoolean(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt64(), reader.ReadBoolean(), Bytes(ref reader));
        }

        return frames;
    }

    private static void Write(ref MessagePackWriter writer, HandedAssembly? assembly)
    {
        if (assembly is null)
        {
            writer.WriteNil();
            return;
        }

        writer.WriteArrayHeader(6);
        writer.Write(assembly.Count);
        Write(ref writer, assembly.Peer);
        writer.Write(assembly.NextIndex);
        writer.Write(assembly.PieceBytes);
        writer.Write(assembly.LastBytes);
        writer.Write(assembly.Bytes);
    }

    private static HandedAssembly? Assembly(ref MessagePackReader reader)
    {
        if (reader.TryReadNil())
            return null;
        Expect(ref reader, 6);
        var read = new HandedAssembly(reader.ReadInt32(), Peer(ref reader), reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), Bytes(ref reader));
        return read.Count is >= 2 and <= Delivery.DataHeader.MaxFragments && read.NextIndex >= 1 && read.NextIndex < read.Count ? read : throw new FormatException();
    }

    private static void Write(ref MessagePackWriter writer, int? peer)
    {
        if (peer is { } named)
            writer.Write(named);
        else
            writer.WriteNil();
    }

    private static int? Peer(ref MessagePackReader reader) => reader.TryReadNil() ? null : reader.ReadInt32();

    private static void Write(ref MessagePackWriter writer, UInt128 id)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, id);
        writer.Write(bytes);
    }

    private static UInt128 Id(ref MessagePackReader reader) =>
        Bytes(ref reader) is { Length: 16 } bytes ? BinaryPrimitives.ReadUInt128LittleEndian(bytes) : throw new FormatException();

    private static byte[] Bytes(ref MessagePackReader reader) => reader.ReadBytes()?.ToArray() ?? throw new FormatException();

    private static void Expect(ref MessagePackReader reader, int fields)
    {
        if (reader.ReadArrayHeader() != fields)
            throw new FormatException();
    }
}
