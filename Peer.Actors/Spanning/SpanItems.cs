using System.Buffers;
using MessagePack;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Spanning;

/// <summary>What travels in order on a link between two gateways: MessagePack arrays, back to back.</summary>
internal static class SpanItems
{
    /// <summary>A run: sender, target, channel, mode, messages, credit, bytes.</summary>
    public const int Run = 1;

    /// <summary>A peer of the sender's end has joined.</summary>
    public const int Joined = 2;

    /// <summary>It has left: reason, text.</summary>
    public const int Left = 3;

    /// <summary>A reader has taken so many bytes of a peer's: it may send more.</summary>
    public const int Credit = 4;

    /// <summary>To be disconnected: whether at once, text, payload.</summary>
    public const int Kick = 5;

    /// <summary>A peer of a gateway that is gone has come back at the sender's end.</summary>
    public const int Returned = 6;

    /// <summary>What was said to a returned peer has all been sent.</summary>
    public const int CaughtUp = 7;

    /// <summary>Nothing follows: the sender's end is being emptied, and its peers come back by other ones.</summary>
    public const int Parted = 8;

    public static void WriteRun(IBufferWriter<byte> to, int sender, int target, SequenceKey key, int messages, int credit, ReadOnlySpan<byte> bytes)
    {
        var writer = new MessagePackWriter(to);
        writer.WriteArrayHeader(8);
        writer.Write(Run);
        writer.Write(sender);
        writer.Write(target);
        writer.Write(key.Channel);
        writer.Write((byte)key.Mode);
        writer.Write(messages);
        writer.Write(credit);
        writer.Write(bytes);
        writer.Flush();
    }

    public static void WritePeer(IBufferWriter<byte> to, int kind, int peer)
    {
        var writer = new MessagePackWriter(to);
        writer.WriteArrayHeader(2);
        writer.Write(kind);
        writer.Write(peer);
        writer.Flush();
    }

    public static void WriteParted(IBufferWriter<byte> to)
    {
        var writer = new MessagePackWriter(to);
        writer.WriteArrayHeader(1);
        writer.Write(Parted);
        writer.Flush();
    }

    public static void WriteLeft(IBufferWriter<byte> to, int peer, DisconnectInfo info)
    {
        var writer = new MessagePackWriter(to);
        writer.WriteArrayHeader(4);
        writer.Write(Left);
        writer.Write(peer);
        writer.Write((byte)info.Reason);
        writer.Write(info.Text);
        writer.Flush();
    }

    public static void WriteCredit(IBufferWriter<byte> to, int peer, long bytes)
    {
        var writer = new MessagePackWriter(to);
        writer.WriteArrayHeader(3);
        writer.Write(Credit);
        writer.Write(peer);
        writer.Write(bytes);
        writer.Flush();
    }

    public static void WriteKick(IBufferWriter<byte> to, Kick kick)
    {
        var writer = new MessagePackWriter(to);
        writer.WriteArrayHeader(5);
        writer.Write(Kick);
        writer.Write(kick.Peer);
        writer.Write(kick.Force);
        writer.Write(kick.Text);
        writer.Write(kick.Payload.Span);
        writer.Flush();
    }

    /// <summary>Reads items and tells them; throws what MessagePack throws where they are none.</summary>
    public static void Read(byte[] bytes, ISpanReader told)
    {
        // The runs are slices of what was received, shared by all who get them.
        var owner = RunBuffer.Wrap(bytes);
        try
        {
            var reader = new MessagePackReader(bytes);
            while (!reader.End)
                ReadItem(ref reader, owner, told);
        }
        finally
        {
            owner.Release();
        }
    }

    private static void ReadItem(ref MessagePackReader reader, RunBuffer owner, ISpanReader told)
    {
        reader.ReadArrayHeader();
        switch (reader.ReadInt32())
        {
            case Run:
                var (sender, target) = (reader.ReadInt32(), reader.ReadInt32());
                var key = new SequenceKey(reader.ReadByte(), (TransferMode)reader.ReadByte());
                var (messages, credit) = (reader.ReadInt32(), reader.ReadInt32());
                var length = (int)(reader.ReadBytes()?.Length ?? 0);
                var end = (int)reader.Consumed;
                owner.Retain();
                told.Run(sender, target, new DeliveredRun(key, null, false, owner.Array.AsMemory(end - length, length), messages, credit, owner));
                break;

            case Joined:
                told.Joined(reader.ReadInt32());
                break;

            case Left:
                told.Left(reader.ReadInt32(), DisconnectInfo.Of((DisconnectReason)reader.ReadByte(), reader.ReadString() ?? ""));
                break;

            case Credit:
                told.Credit(reader.ReadInt32(), reader.ReadInt64());
                break;

            case Kick:
                told.Kick(new Kick(reader.ReadInt32(), reader.ReadBoolean(), reader.ReadString() ?? "", reader.ReadBytes()?.ToArray() ?? []));
                break;

            case Returned:
                told.Returned(reader.ReadInt32());
                break;

            case CaughtUp:
                told.CaughtUp(reader.ReadInt32());
                break;

            case Parted:
                told.Parted();
                break;

            default:
                throw new MessagePackSerializationException("no item of a spanning room");
        }
    }
}

/// <summary>Who is told the items of a link.</summary>
internal interface ISpanReader
{
    /// <summary>The run's reference is the reader's to release.</summary>
    void Run(int sender, int target, in DeliveredRun run);

    void Joined(int peer);

    void Left(int peer, DisconnectInfo info);

    void Credit(int peer, long bytes);

    void Kick(Kick kick);

    void Returned(int peer);

    void CaughtUp(int peer);

    void Parted();
}
