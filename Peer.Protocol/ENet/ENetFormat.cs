namespace Peer.Protocol.ENet;

/// <summary>The numbers of the ENet 1.3 wire, as its <c>protocol.h</c> and <c>enet.h</c> define them. All fields are big-endian.</summary>
internal static class ENetFormat
{
    /// <summary>The peer id of whoever has none yet; ids below it name a slot of the receiver.</summary>
    public const ushort NoPeer = 0xFFF;

    /// <summary>The channel of commands that belong to the connection itself.</summary>
    public const byte ControlChannel = 0xFF;

    public const int MinMtu = 576;
    public const int MaxMtu = 4096;
    public const int DefaultMtu = 1392;
    public const int MaxCommands = 32;
    public const int MinWindow = 4096;
    public const int MaxWindow = 65_536;
    public const int MaxChannels = 255;
    public const int MaxFragments = 1 << 20;
    public const int MaxMessage = 32 << 20;

    /// <summary>Reliable sequence numbers come in windows of so many.</summary>
    public const int SequenceWindowBits = 12;

    /// <summary>How many windows of sequence numbers there are.</summary>
    public const int SequenceWindows = 16;

    /// <summary>Windows from the receiver's own on that it takes; what is further ahead it drops.</summary>
    public const int AcceptedWindows = 7;

    /// <summary>Unsequenced groups that are remembered as seen.</summary>
    public const int UnsequencedWindow = 1024;

    /// <summary>Unsequenced groups ahead of the window that are believed.</summary>
    public const int UnsequencedAhead = 32 * UnsequencedWindow;

    public const int ThrottleScale = 32;
    public const int ThrottleStep = 7;
    public const int DefaultThrottleChange = 2;
    public const int DefaultThrottleInterval = 5000;
    public const int DefaultRoundTrip = 500;
    public const int LossScale = 1 << 16;
    public const int LossInterval = 10_000;
    public const int BandwidthInterval = 1000;

    public const int HeaderSize = 4;
    public const int ShortHeaderSize = 2;
    public const int ChecksumSize = 4;
    public const int CommandHeaderSize = 4;
    public const int FragmentSize = 24;

    public const byte AcknowledgeFlag = 0x80;
    public const byte UnsequencedFlag = 0x40;
    public const byte CommandMask = 0x0F;

    private static ReadOnlySpan<byte> Sizes => [0, 8, 48, 44, 8, 4, 6, 8, FragmentSize, 8, 12, 16, FragmentSize, 0, 0, 0];

    /// <summary>Bytes of a command without its data; 0 for what is none.</summary>
    public static int SizeOf(ENetCommand command) => Sizes[(byte)command & CommandMask];

    /// <summary>The windows that an end gets for a bandwidth, bytes under way.</summary>
    public static int WindowFor(uint bandwidth) =>
        bandwidth == 0 ? MaxWindow : (int)Math.Clamp((long)(bandwidth / MaxWindow) * MinWindow, MinWindow, MaxWindow);

    /// <summary>The window between two ends with these limits, 0 for none.</summary>
    public static int WindowFor(uint ours, uint theirs) =>
        WindowFor(ours == 0 || theirs == 0 ? Math.Max(ours, theirs) : Math.Min(ours, theirs));
}

/// <summary>The commands of the wire.</summary>
internal enum ENetCommand : byte
{
    None = 0,
    Acknowledge = 1,
    Connect = 2,
    VerifyConnect = 3,
    Disconnect = 4,
    Ping = 5,
    SendReliable = 6,
    SendUnreliable = 7,
    SendFragment = 8,
    SendUnsequenced = 9,
    BandwidthLimit = 10,
    ThrottleConfigure = 11,
    SendUnreliableFragment = 12,
}
