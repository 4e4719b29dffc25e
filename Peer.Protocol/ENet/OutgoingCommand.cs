using System.Buffers.Binary;

namespace Peer.Protocol.ENet;

/// <summary>A command on its way out, in one of its connection's lists; used again once it has arrived.</summary>
internal sealed class OutgoingCommand
{
    public OutgoingCommand? Next { get; set; }

    public OutgoingCommand? Previous { get; set; }

    /// <summary>The list that it is in.</summary>
    public CommandList? List { get; set; }

    public ENetCommand Command { get; set; }

    /// <summary>Acknowledge or unsequenced flag.</summary>
    public byte Flags { get; set; }

    public byte Channel { get; set; }

    public ushort ReliableNumber { get; set; }

    /// <summary>Unreliable sequence number, unsequenced group, or the first number of a fragmented message.</summary>
    public ushort SecondNumber { get; set; }

    public uint FragmentCount { get; set; }

    public uint FragmentNumber { get; set; }

    public int Offset { get; set; }

    /// <summary>Bytes of the message that this command carries.</summary>
    public int Length { get; set; }

    /// <summary>Whether it carries a message, be it empty.</summary>
    public bool HasContent { get; set; }

    public PacketContent Content { get; set; }

    /// <summary>What a CONNECT says.</summary>
    public ConnectionOffer Offer { get; set; }

    /// <summary>Connect data, disconnect data, bandwidths, throttle: up to three words.</summary>
    public uint Word0 { get; set; }

    public uint Word1 { get; set; }

    public uint Word2 { get; set; }

    public int Attempts { get; set; }

    /// <summary>Milliseconds.</summary>
    public uint SentAt { get; set; }

    /// <summary>Milliseconds after which it is sent again; 0 before it was sent at all.</summary>
    public uint Timeout { get; set; }

    /// <summary>Its place among all that was queued.</summary>
    public uint Order { get; set; }

    public bool IsReliable => (Flags & ENetFormat.AcknowledgeFlag) != 0;

    /// <summary>Bytes on the wire.</summary>
    public int Size => ENetFormat.SizeOf(Command) + Length;

    public static OutgoingCommand Take() => Spare<OutgoingCommand>.Take() ?? new OutgoingCommand();

    /// <summary>Lets go of its message; nobody may look at it any more.</summary>
    public void Finish()
    {
        Content.Owner?.Release();
        Content = default;
        HasContent = false;
        Flags = 0;
        Attempts = 0;
        Timeout = 0;
        Offset = 0;
        Length = 0;
        SecondNumber = 0;
        Spare<OutgoingCommand>.Give(this);
    }

    /// <summary>Writes it; there must be room for <see cref="Size"/>.</summary>
    public void Write(Span<byte> to)
    {
        to[0] = (byte)((byte)Command | Flags);
        to[1] = Channel;
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], ReliableNumber);
        switch (Command)
        {
            case ENetCommand.SendReliable:
                BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)Length);
                break;

            case ENetCommand.SendUnreliable or ENetCommand.SendUnsequenced:
                BinaryPrimitives.WriteUInt16BigEndian(to[4..], SecondNumber);
                BinaryPrimitives.WriteUInt16BigEndian(to[6..], (ushort)Length);
                break;

            case ENetCommand.SendFragment or ENetCommand.SendUnreliableFragment:
                BinaryPrimitives.WriteUInt16BigEndian(to[4..], SecondNumber);
                BinaryPrimitives.WriteUInt16BigEndian(to[6..], (ushort)Length);
                BinaryPrimitives.WriteUInt32BigEndian(to[8..], FragmentCount);
                BinaryPrimitives.WriteUInt32BigEndian(to[12..], FragmentNumber);
                BinaryPrimitives.WriteUInt32BigEndian(to[16..], (uint)Content.Length);
                BinaryPrimitives.WriteUInt32BigEndian(to[20..], (uint)Offset);
                break;

            case ENetCommand.Connect:
                Offer.Write(to[4..]);
                BinaryPrimitives.WriteUInt32BigEndian(to[44..], Word0);
                break;

            case ENetCommand.Disconnect:
                BinaryPrimitives.WriteUInt32BigEndian(to[4..], Word0);
                break;

            case ENetCommand.BandwidthLimit:
                BinaryPrimitives.WriteUInt32BigEndian(to[4..], Word0);
                BinaryPrimitives.WriteUInt32BigEndian(to[8..], Word1);
                break;

            case ENetCommand.ThrottleConfigure:
                BinaryPrimitives.WriteUInt32BigEndian(to[4..], Word0);
                BinaryPrimitives.WriteUInt32BigEndian(to[8..], Word1);
                BinaryPrimitives.WriteUInt32BigEndian(to[12..], Word2);
                break;
        }

        if (Length > 0)
            Content.CopyTo(Offset, to.Slice(ENetFormat.SizeOf(Command), Length));
    }
}
