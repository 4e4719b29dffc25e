using System.Runtime.InteropServices;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Facade;

/// <summary>The packets that a poll has made available: runs, walked message by message when they are taken.</summary>
internal sealed class PacketQueue
{
    private readonly Queue<Entry> _waiting = new();
    private Entry _head;
    private byte[] _headBytes = [];
    private int _headStart;
    private int _headEnd;
    private int _headOffset;
    private int _headLeft;

    // The packet taken last lies in it and is valid until the next take.
    private RunBuffer? _taken;

    /// <summary>Packets that can be taken.</summary>
    public int Count { get; private set; }

    /// <summary>Appends the messages of a run and takes over its reference; the inbox hears when the last one has been taken.</summary>
    public void Enqueue(Inbox source, in InboxItem item)
    {
        if (item.Run.Messages <= 0)
        {
            source.Consumed(item);
            item.Run.Release();
            return;
        }

        Count += item.Run.Messages;
        if (_headLeft == 0)
            SetHead(new Entry(source, item));
        else
            _waiting.Enqueue(new Entry(source, item));
    }

    /// <summary>The oldest packet, left where it is; valid until it is taken and another one after it.</summary>
    public bool TryPeek(out ReceivedPacket packet)
    {
        var offset = 0;
        return Read(out packet, ref offset);
    }

    /// <summary>Takes the oldest packet, valid until the next take, whether that finds one or not.</summary>
    public bool TryTake(out ReceivedPacket packet)
    {
        if (_taken is not null)
            ReleaseTaken();
        var offset = 0;
        if (!Read(out packet, ref offset))
            return false;
        _headOffset = offset;
        Count--;
        if (--_headLeft == 0)
            _taken = NextHead();
        return true;
    }

    /// <summary>Forgets everything without returning credit: the connections have gone. The packet taken last stays valid.</summary>
    public void Clear()
    {
        if (_headLeft > 0 && _headOffset > _headStart)
            _taken = _head.Item.Run.Owner;
        else if (_headLeft > 0)
            _head.Item.Run.Release();
        foreach (var entry in _waiting)
            entry.Item.Run.Release();
        _waiting.Clear();
        _head = default;
        _headBytes = [];
        _headLeft = 0;
        Count = 0;
    }

    private bool Read(out ReceivedPacket packet, ref int offset)
    {
        while (_headLeft > 0)
        {
            offset = _headOffset;
            if (RunReader.TryNext(_headBytes.AsSpan(0, _headEnd), ref offset, out var length))
            {
                ref readonly var item = ref _head.Item;
                packet = new ReceivedPacket(new ReadOnlyMemory<byte>(_headBytes, offset - length, length), item.Sender, item.Run.Key.Channel, item.Run.Key.Mode);
                return true;
            }

            // Fewer messages than the run claimed to hold: the rest does not exist.
            Count -= _headLeft;
            NextHead()?.Release();
        }

        packet = default;
        return false;
    }

    /// <returns>The buffer of the run that is done, with its reference.</returns>
    private RunBuffer? NextHead()
    {
        var done = _head;
        _head = default;
        _headBytes = [];
        _headLeft = 0;
        if (_waiting.TryDequeue(out var next))
            SetHead(next);
        done.Source.Consumed(done.Item);
        return done.Item.Run.Owner;
    }

    private void ReleaseTaken()
    {
        _taken?.Release();
        _taken = null;
    }

    private void SetHead(in Entry entry)
    {
        _head = entry;

        // Once for a run and not for each message: asking a memory for its span costs more than reading a length.
        var bytes = MemoryMarshal.TryGetArray(entry.Item.Run.Bytes, out var array) ? array : entry.Item.Run.Bytes.ToArray();
        _headBytes = bytes.Array!;
        _headStart = bytes.Offset;
        _headEnd = bytes.Offset + bytes.Count;
        _headOffset = bytes.Offset;
        _headLeft = entry.Item.Run.Messages;
    }

    private readonly struct Entry(Inbox source, in InboxItem item)
    {
        public readonly Inbox Source = source;
        public readonly InboxItem Item = item;
    }
}
