namespace Peer.Protocol.ENet;

/// <summary>Reads what <see cref="RangeWriter"/> wrote: where in the range the next symbol lies, once the model has said how the range is shared.</summary>
internal ref struct RangeReader
{
    private const uint Top = 1 << 24;
    private const uint Bottom = 1 << 16;

    private readonly ReadOnlySpan<byte> _source;
    private uint _low;
    private uint _range = uint.MaxValue;
    private uint _code;
    private int _read;

    public RangeReader(ReadOnlySpan<byte> source)
    {
        _source = source;
        for (var i = 0; i < 4; i++)
            _code = (_code << 8) | Next();
    }

    public ushort Read(uint total)
    {
        _range /= total;
        return (ushort)((_code - _low) / _range);
    }

    public void Decode(uint under, uint count)
    {
        _low += under * _range;
        _range *= count;
        while (true)
        {
            if ((_low ^ (_low + _range)) >= Top)
            {
                if (_range >= Bottom)
                    return;
                _range = (0 - _low) & (Bottom - 1);
            }

            _code = (_code << 8) | Next();
            _range <<= 8;
            _low <<= 8;
        }
    }

    private uint Next() => _read < _source.Length ? _source[_read++] : 0u;
}
