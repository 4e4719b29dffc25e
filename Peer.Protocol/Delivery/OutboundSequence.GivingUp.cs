namespace Peer.Protocol.Delivery;

/// <summary>A sequence whose other end is gone for good: what has never been sent may go to another end, in a sequence that begins anew.</summary>
internal sealed partial class OutboundSequence
{
    /// <summary>
    /// Ends the sequence, and hands over what no part of has ever been in a datagram, in its order and copied. The link must be over: nobody reads its frames any more.
    /// </summary>
    /// <param name="unsent">Gets runs, reliable sequences only.</param>
    /// <returns>Reliable messages that were sent, wholly or in part, and not acknowledged: each may have arrived or not.</returns>
    public int GiveUp(List<Run> unsent)
    {
        var uncertain = 0;
        if (Key.Mode == TransferMode.Reliable)
            uncertain = HandUnsent(unsent);
        Dispose();
        return uncertain;
    }

    private int HandUnsent(List<Run> unsent)
    {
        var uncertain = 0;
        var counted = -1L;
        List<OutboundFrame>? pieces = null;
        foreach (var frame in _window.Frames)
        {
            if (frame.Ended)
                continue;
            if (!frame.IsFragment)
            {
                if (frame.WasSent)
                    uncertain += RunReader.Count(frame.Payload.Span);
                else
                    unsent.Add(Copy(frame.Peer, frame.Payload));
                continue;
            }

            // Pieces leave in their order: where the first has not left, none has.
            if (frame is { FragmentIndex: 0, WasSent: false })
                pieces = [];
            if (pieces is not null)
            {
                pieces.Add(frame);
                if (pieces.Count == frame.FragmentCount)
                {
                    unsent.Add(Join(pieces));
                    pieces = null;
                }
            }
            else if (counted != frame.Sequence - frame.FragmentIndex)
            {
                counted = frame.Sequence - frame.FragmentIndex;
                uncertain++;
            }
        }

        if (_pieces.Remaining > 0)
        {
            if (pieces is not null)
                unsent.Add(Join(pieces));
            else if (counted != _window.Next - _pieces.Index)
                uncertain++;
        }

        if (_current is { Ended: false } current && _offset < current.Bytes.Length)
            unsent.Add(Copy(current.Peer, current.Bytes[_offset..]));
        foreach (var run in _waiting)
        {
            if (!run.Ended)
                unsent.Add(Copy(run.Peer, run.Bytes));
        }

        return uncertain;
    }

    /// <summary>The message of these pieces, and of those that were not cut yet.</summary>
    private Run Join(List<OutboundFrame> pieces)
    {
        var message = new List<byte>();
        foreach (var piece in pieces)
            message.AddRange(piece.Payload.Span);
        if (pieces.Count < pieces[0].FragmentCount)
        {
            while (_pieces.Remaining > 0)
                message.AddRange(_pieces.Take().Span);
        }

        var writer = new RunWriter(Key, pieces[0].Peer);
        writer.Append([.. message]);
        return writer.Take();
    }

    private Run Copy(int? peer, ReadOnlyMemory<byte> bytes)
    {
        var copy = bytes.ToArray();
        return new Run(Key, peer, copy, RunReader.Count(copy), null);
    }
}
