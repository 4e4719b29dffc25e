namespace Peer.Protocol.Delivery;

/// <summary>Turns the runs of one (channel, mode) into numbered frames, as many as its window allows, and keeps them until they are done.</summary>
/// <remarks>Not thread-safe: its sequencer owns it. A frame's payload stays valid until the frame is acknowledged or finished.</remarks>
internal sealed partial class OutboundSequence : IDisposable
{
    private readonly DeliverySettings _settings;
    private readonly bool _takesCredit;
    private readonly FrameWindow _window;
    private readonly Queue<Run> _waiting = new();
    private readonly MessagePieces _pieces = new();
    private Run? _current;
    private int _offset;
    private long _uncutBytes;
    private long _outstandingBytes;
    private int _marks;
    private bool _disposed;

    public OutboundSequence(SequenceKey key, DeliverySettings settings, long firstSequence = 0)
    {
        MessagePieces.CheckLimit(settings);
        Key = key;
        _settings = settings;
        // Control messages must pass while nobody reads, so they take no credit.
        _takesCredit = key.Mode == TransferMode.Reliable && !key.IsControl;
        _window = new FrameWindow(firstSequence);
    }

    public SequenceKey Key { get; }

    /// <summary>Bytes submitted and neither acknowledged, finished nor dropped.</summary>
    public long QueuedBytes => _uncutBytes + _outstandingBytes;

    /// <summary>What is submitted and not done and says nothing of its caller's: control messages, and marks that somebody has left. These cost more than their bytes.</summary>
    public long Notices => Key.IsControl ? _waiting.Count + _window.Span : _marks;

    /// <summary>Payload bytes cut and not done.</summary>
    public long OutstandingBytes => _outstandingBytes;

    /// <summary>Whether everything that was submitted is done.</summary>
    public bool IsIdle => _window.Span == 0 && _current is null && _waiting.Count == 0;

    /// <summary>Number of the next frame to be cut.</summary>
    public long NextSequence => _window.Next;

    /// <summary>Unreliable messages that gave way to newer ones before they were cut.</summary>
    public long DroppedMessages { get; private set; }

    /// <summary>
    /// Whether a receiver that expects that number next can be served: what it lacks must still be here, and it cannot have what was never cut.
    /// </summary>
    public bool CanServe(long expected) => expected >= _window.OldestNumber && expected <= _window.Next;

    /// <summary>Takes a run over, with the caller's reference.</summary>
    public void Submit(Run run)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (run.Key != Key)
            throw new ArgumentException($"a run of {run.Key} in the sequence {Key}", nameof(run));
        _waiting.Enqueue(run);
        _uncutBytes += run.Bytes.Length;
        if (run.Ended)
            _marks++;
        if (Key.Mode != TransferMode.Reliable)
            DropOldest();
    }

    /// <summary>Appends as many new frames as the window and the outstanding limit allow, in order.</summary>
    /// <returns>Bytes of runs that have left the queue of uncut ones.</returns>
    public int Cut(List<OutboundFrame> frames)
    {
        var before = _uncutBytes;
        while (_window.Span < _settings.WindowFrames
            && (_outstandingBytes == 0 || _settings.OutstandingBytes - _outstandingBytes >= _settings.FrameBytes)
            && CutOne() is { } frame)
        {
            _window.Add(frame);
            _outstandingBytes += frame.Payload.Length;
            frames.Add(frame);
        }

        return (int)(before - _uncutBytes);
    }

    /// <summary>A reliable frame has arrived. Doing it again changes nothing.</summary>
    public void Acknowledged(OutboundFrame frame) => Done(frame);

    /// <summary>An unreliable frame was sent, lost or dropped. Doing it again changes nothing.</summary>
    public void Finished(OutboundFrame frame) => Done(frame);

    /// <summary>Gives every buffer back; frames still on their way are marked as done.</summary>
    public void Dispose()
    {
        _disposed = true;
        _current?.Release();
        _current = null;
        _pieces.Clear();
        while (_waiting.TryDequeue(out var run))
            run.Release();
        while (_window.Oldest is { } frame)
            Done(frame);
        _uncutBytes = 0;
    }

    private void Done(OutboundFrame frame)
    {
        // Not by IsDone: the link may have set that before it told us.
        if (!_window.Remove(frame))
            return;
        frame.IsDone = true;
        _outstandingBytes -= frame.Payload.Length;
        if (frame.Ended)
            _marks--;
        frame.Owner?.Release();
        frame.LetGo();
    }

    private OutboundFrame? CutOne()
    {
        while (_current is not null || _waiting.TryDequeue(out _current))
        {
            if (_pieces.Remaining > 0)
                return CutPiece(_current);
            if (_current.Ended)
                return CutEnd(_current);
            if (_offset == _current.Bytes.Length)
            {
                EndCurrent();
                continue;
            }

            var header = DataHeader.FixedSize(Key, _current.Peer.HasValue);
            var room = DataHeader.Room(_settings.FrameBytes, header);
            var left = _current.Bytes.Length - _offset;
            var taken = left <= room ? left : WholeMessages(_current.Bytes.Span[_offset..], room);
            if (taken > 0)
                return CutMessages(_current, taken, room);
            _pieces.Begin(_current.Bytes, ref _offset, _settings, header);
            _uncutBytes -= left - _pieces.Remaining - (_current.Bytes.Length - _offset);
        }

        return null;
    }

    private OutboundFrame CutEnd(Run run)
    {
        EndCurrent();
        var frame = OutboundFrame.Blank(Key, _window.Next);
        frame.Peer = run.Peer;
        frame.Ended = true;
        return frame;
    }

    private OutboundFrame CutPiece(Run run)
    {
        run.Owner?.Retain();
        var index = _pieces.Index;
        var credit = index == 0 && _takesCredit ? _pieces.Remaining : 0;
        var count = _pieces.Count;
        var piece = _pieces.Take();
        _uncutBytes -= piece.Length;
        if (_pieces.Remaining == 0 && _offset == run.Bytes.Length)
            EndCurrent();
        var frame = OutboundFrame.Blank(Key, _window.Next);
        frame.Peer = run.Peer;
        frame.FragmentIndex = index;
        frame.FragmentCount = count;
        frame.CreditBytes = credit;
        frame.Payload = piece;
        frame.Owner = run.Owner;
        return frame;
    }

    private OutboundFrame CutMessages(Run run, int taken, int room)
    {
        var payload = run.Bytes.Slice(_offset, taken);
        var owner = run.Owner;
        owner?.Retain();
        _offset += taken;
        if (_offset == run.Bytes.Length)
        {
            if (NextFits(run.Peer, room - taken))
                (owner, payload) = Merge(owner, payload, run.Peer, room);
            EndCurrent();
        }

        _uncutBytes -= payload.Length;
        var frame = OutboundFrame.Blank(Key, _window.Next);
        frame.Peer = run.Peer;
        frame.CreditBytes = _takesCredit ? payload.Length : 0;
        frame.Payload = payload;
        frame.Owner = owner;
        return frame;
    }

    /// <summary>Copies small runs that waited behind a closed window into one frame.</summary>
    private (RunBuffer Owner, ReadOnlyMemory<byte> Payload) Merge(RunBuffer? owner, ReadOnlyMemory<byte> payload, int? peer, int room)
    {
        var merged = RunBuffer.Rent(room);
        payload.CopyTo(merged.Array);
        owner?.Release();
        var length = payload.Length;
        while (NextFits(peer, room - length))
        {
            var run = _waiting.Dequeue();
            run.Bytes.CopyTo(merged.Array.AsMemory(length));
            length += run.Bytes.Length;
            run.Release();
        }

        return (merged, merged.Array.AsMemory(0, length));
    }

    private bool NextFits(int? peer, int room) =>
        _waiting.TryPeek(out var next) && !next.Ended && next.Peer == peer && next.Bytes.Length <= room;

    private void EndCurrent()
    {
        _current!.Release();
        _current = null;
        _offset = 0;
    }

    /// <summary>Bytes of the messages at the front that fit whole in the room.</summary>
    private static int WholeMessages(ReadOnlySpan<byte> run, int room)
    {
        var end = 0;
        var next = 0;
        while (RunReader.TryNext(run, ref next, out _) && next <= room)
            end = next;
        return end;
    }

    private void DropOldest()
    {
        // The newest always stays: a message larger than the backlog could never leave otherwise.
        while (_uncutBytes > _settings.UnreliableBacklogBytes && _waiting.Count > 1)
        {
            var oldest = _waiting.Dequeue();
            _uncutBytes -= oldest.Bytes.Length;
            DroppedMessages += oldest.Messages;
            oldest.Release();
        }
    }
}
