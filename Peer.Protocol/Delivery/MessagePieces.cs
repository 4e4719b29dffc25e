namespace Peer.Protocol.Delivery;

/// <summary>One message on its way into frames: equal pieces, the last may be shorter.</summary>
internal sealed class MessagePieces
{
    private ReadOnlyMemory<byte> _rest;
    private int _pieceBytes;

    /// <summary>Index of the next piece.</summary>
    public int Index { get; private set; }

    /// <summary>Number of pieces.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes not taken yet.</summary>
    public int Remaining => _rest.Length;

    /// <summary>Throws where the largest message would need more pieces than a frame can name.</summary>
    public static void CheckLimit(DeliverySettings settings)
    {
        var piece = DataHeader.Room(settings.FrameBytes, DataHeader.FixedSize(default, hasPeer: true) + 6);
        if (piece < 1 || settings.MaxMessageBytes > (long)piece * DataHeader.MaxFragments)
            throw new ArgumentException($"messages of {settings.MaxMessageBytes} bytes do not fit in {DataHeader.MaxFragments} pieces", nameof(settings));
    }

    /// <summary>Begins with the message at the offset of a run and moves the offset past it.</summary>
    /// <param name="run">The run.</param>
    /// <param name="offset">Where the message begins, prefix included.</param>
    /// <param name="settings">For the frame size.</param>
    /// <param name="header">The header's size without fragment and length.</param>
    public void Begin(ReadOnlyMemory<byte> run, ref int offset, DeliverySettings settings, int header)
    {
        if (!RunReader.TryNext(run, ref offset, out var message))
            throw new InvalidOperationException("the bytes of a run are not length-prefixed messages");
        if (message.Length > settings.MaxMessageBytes)
            throw new InvalidOperationException($"a message of {message.Length} bytes exceeds the limit of {settings.MaxMessageBytes}");
        Index = 0;
        _rest = message;

        // Index and count are varints, whose size depends on how many pieces there are, which depends on their size.
        for (var digits = 1; ; digits++)
        {
            // Never the whole message in one piece: a group has at least two.
            _pieceBytes = Math.Min(DataHeader.Room(settings.FrameBytes, header + (2 * digits)), (message.Length + 1) / 2);
            Count = (int)(((long)message.Length + _pieceBytes - 1) / _pieceBytes);
            if (Wire.Varint.Size((uint)Count) <= digits)
                return;
        }
    }

    /// <summary>Takes the next piece.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        var piece = _rest[..Math.Min(_pieceBytes, _rest.Length)];
        _rest = _rest[piece.Length..];
        Index++;
        return piece;
    }

    public void Clear() => _rest = default;
}
