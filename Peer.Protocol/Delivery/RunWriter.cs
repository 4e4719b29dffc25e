using Peer.Protocol.Wire;

namespace Peer.Protocol.Delivery;

/// <summary>An open run: messages are appended until somebody takes it.</summary>
internal sealed class RunWriter(SequenceKey key, int? peer)
{
    private const int SmallestBytes = 512;

    private RunBuffer? _buffer;

    /// <summary>Length of the last run: the next one is likely to be as long, and need not grow step by step.</summary>
    private int _usual;
    private int _length;
    private int _messages;

    public SequenceKey Key { get; } = key;

    public int? Peer { get; } = peer;

    /// <summary>Bytes written, prefixes included.</summary>
    public int Length => _length;

    /// <summary>Copies one message of at least one byte onto the end.</summary>
    public void Append(ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfZero(message.Length, nameof(message));
        var needed = _length + Varint.Size((ulong)message.Length) + message.Length;
        Grow(needed);
        var span = _buffer!.Array.AsSpan(_length);
        var prefix = Varint.Write(span, (ulong)message.Length);
        message.CopyTo(span[prefix..]);
        _length = needed;
        _messages++;
    }

    /// <summary>Closes the run and hands it over with the writer's reference; the writer is empty afterwards and may be used again.</summary>
    public Run Take()
    {
        var run = new Run(Key, Peer, _buffer is null ? default : _buffer.Array.AsMemory(0, _length), _messages, _buffer);
        _usual = _length;
        _buffer = null;
        _length = 0;
        _messages = 0;
        return run;
    }

    private void Grow(int needed)
    {
        if (_buffer is not null && _buffer.Array.Length >= needed)
            return;
        var larger = RunBuffer.Rent(Math.Max(needed, _buffer is null ? Math.Max(SmallestBytes, _usual) : _buffer.Array.Length * 2));
        if (_buffer is not null)
        {
            _buffer.Array.AsSpan(0, _length).CopyTo(larger.Array);
            _buffer.Release();
        }

        _buffer = larger;
    }
}
