using Peer.Protocol.Handover;

namespace Peer.Protocol.Delivery;

/// <summary>A sequence that another process goes on with.</summary>
internal sealed partial class OutboundSequence
{
    /// <summary>Everything that is not acknowledged. A message of which pieces were cut is cut to its end first. Unreliable sequences hand over their number alone.</summary>
    public HandedOutbound Export()
    {
        if (Key.Mode != TransferMode.Reliable)
            return new HandedOutbound(_window.Next, _window.Next, [], []);
        while (_current is not null && _pieces.Remaining > 0)
        {
            var piece = CutPiece(_current);
            _window.Add(piece);
            _outstandingBytes += piece.Payload.Length;
        }

        var frames = _window.Frames
            .Select(frame => new HandedFrame(
                frame.Sequence, frame.Peer, frame.Ended, frame.FragmentIndex, frame.FragmentCount, frame.CreditBytes, frame.WasSent, frame.Payload.ToArray()))
            .ToArray();
        var runs = new List<HandedRun>();
        if (_current is { } current && (current.Ended || _offset < current.Bytes.Length))
            runs.Add(Handed(current, _offset));
        runs.AddRange(_waiting.Select(run => Handed(run, 0)));
        return new HandedOutbound(_window.OldestNumber, _window.Next, frames, [.. runs]);
    }

    /// <summary>Goes on where another process stopped; the frames that it returns are to be sent.</summary>
    public List<OutboundFrame> Import(HandedOutbound handed)
    {
        var frames = new List<OutboundFrame>(handed.Frames.Length);
        foreach (var frame in handed.Frames)
        {
            while (_window.Next < frame.Sequence)
                _window.Skip();
            var restored = OutboundFrame.Blank(Key, frame.Sequence);
            restored.Peer = frame.Peer;
            restored.Ended = frame.Ended;
            restored.FragmentIndex = frame.FragmentIndex;
            restored.FragmentCount = frame.FragmentCount;
            restored.CreditBytes = frame.CreditBytes;
            restored.WasSent = frame.WasSent;
            restored.Payload = frame.Payload;
            _window.Add(restored);
            _outstandingBytes += frame.Payload.Length;
            if (frame.Ended)
                _marks++;
            frames.Add(restored);
        }

        while (_window.Next < handed.Next)
            _window.Skip();
        foreach (var run in handed.Runs)
            Submit(new Run(Key, run.Peer, run.Bytes, run.Messages, null, run.Ended));
        return frames;
    }

    private static HandedRun Handed(Run run, int offset)
    {
        var bytes = run.Bytes[offset..].ToArray();
        return new HandedRun(run.Peer, run.Ended, run.Ended ? 0 : RunReader.Count(bytes), bytes);
    }
}
