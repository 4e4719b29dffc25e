namespace Peer.Protocol.Wire;

/// <summary>First byte of each frame inside a sealed datagram.</summary>
internal static class FrameType
{
    public const byte Padding = 0x00;
    public const byte Ping = 0x01;
    public const byte Ack = 0x02;
    public const byte Credit = 0x03;
    public const byte PathChallenge = 0x04;
    public const byte PathResponse = 0x05;
    public const byte Close = 0x06;
    public const byte CloseAck = 0x07;
    public const byte Positions = 0x08;
    public const byte Migrate = 0x09;

    /// <summary>DATA frames are 0x40 .. 0x7F; the low bits are flags.</summary>
    public const byte DataFirst = 0x40;

    /// <summary>Last of the DATA types.</summary>
    public const byte DataLast = 0x7F;

    /// <summary>Bytes of data in PATH_CHALLENGE and PATH_RESPONSE.</summary>
    public const int PathTokenLength = 8;
}
