namespace Peer.Protocol.ENet;

/// <summary>Writes symbols as shares of a range that narrows with each of them, as ENet's range coder does; carries are avoided by narrowing more.</summary>
internal ref struct RangeWriter(Span<byte> destination)
{
    private const uint Top = 1 << 24;
    private const uint Bottom = 1 << 16;

    private readonly Span<byte> _destination = destination;
    private uint _low;
    private uint _range = uint.MaxValue;
    private int _written;

    public bool IsFull { get; private set; }

    public void Encode(uint under, uint count, uint total)
    {
        _range /= total;
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

            Put();
            _range <<= 8;
        }
    }

    public int Finish()
    {
        while (_low != 0)
            Put();
        return IsFull ? 0 : _written;
    }

    private void Put()
    {
        if (_written < _destination.Length)
            _destination[_written++] = (byte)(_low >> 24);
        else
            IsFull = true;
        _low <<= 8;
    }
}
