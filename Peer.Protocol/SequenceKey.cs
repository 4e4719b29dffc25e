namespace Peer.Protocol;

/// <summary>Names one sequence of a connection: a channel (0 .. 254) and a transfer mode, or the control sequence.</summary>
internal readonly record struct SequenceKey(byte Channel, TransferMode Mode)
{
    /// <summary>The channel number that stands for the control sequence; no user channel has it.</summary>
    public const byte ControlChannel = 255;

    /// <summary>The reliable sequence that carries control messages.</summary>
    public static SequenceKey Control { get; } = new(ControlChannel, TransferMode.Reliable);

    /// <summary>Whether this is the control sequence.</summary>
    public bool IsControl => Channel == ControlChannel;

    /// <summary>Dense index, 0 .. 767.</summary>
    public int Index => (Channel * 3) + (int)Mode;

    public override string ToString() => IsControl ? "control" : $"{Channel}-{Mode}";
}
