namespace Peer.Protocol.Delivery;

/// <summary>The rules that a DATA frame's payload has to keep by itself, whatever its sequence.</summary>
internal static class FrameContent
{
    /// <summary>Counts a frame's messages (0 for a piece and for an ended mark); false when no honest sender sends it.</summary>
    public static bool TryCount(in InboundFrame frame, DeliverySettings settings, out int messages)
    {
        messages = 0;
        if (frame.IsFragment)
        {
            return !frame.Ended
                && frame.FragmentCount is >= 2 and <= DataHeader.MaxFragments
                && (uint)frame.FragmentIndex < (uint)frame.FragmentCount
                && frame.Payload.Length > 0;
        }

        if (frame.Ended)
            return frame.Peer.HasValue && frame.Payload.Length == 0;
        messages = RunReader.Count(frame.Payload.Span);
        return messages > 0 && (frame.Payload.Length <= settings.MaxMessageBytes || AreShort(frame.Payload, settings.MaxMessageBytes));
    }

    private static bool AreShort(ReadOnlyMemory<byte> run, int maxMessageBytes)
    {
        var offset = 0;
        while (RunReader.TryNext(run, ref offset, out var message))
        {
            if (message.Length > maxMessageBytes)
                return false;
        }

        return true;
    }
}
