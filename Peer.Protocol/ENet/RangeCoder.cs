namespace Peer.Protocol.ENet;

/// <summary>
/// ENet's own compressor: an adaptive model of order two (prediction by partial matching) whose symbols a range coder writes. Both ends build the same model
/// from what went before in the datagram, so every constant and every step of the adaptation is part of the format.
/// </summary>
internal sealed class RangeCoder : ICompressor
{
    private const uint Top = 1 << 24;
    private const uint Bottom = 1 << 16;
    private const int RootStep = 3;
    private const int RootLeast = 1;
    private const int RootEscapes = 1;
    private const int Order = 2;
    private const int Step = 2;
    private const int EscapeStep = 5;
    private const int MostSymbols = 4096;
    private const int Root = 0;

    /// <summary>Where the next symbol's link belongs when it is the prediction itself.</summary>
    private const int Prediction = -1;

    private readonly Symbol[] _symbols = new Symbol[MostSymbols];
    private int _count;
    private int _predicted;
    private int _order;
    private int _link;

    /// <inheritdoc />
    public int Compress(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.IsEmpty)
            return 0;
        Start();
        var writer = new Writer(destination);
        foreach (var value in source)
        {
            _link = Prediction;
            var isCoded = false;
            for (var context = _predicted; context != Root && !isCoded; context = _symbols[context].Parent)
            {
                var symbol = Encode(context, value, Step, 0, out var under, out var count);
                Link(symbol);
                ref var model = ref _symbols[context];
                int total = model.Total;
                isCoded = count > 0;
                if (isCoded)
                {
                    writer.Encode((uint)(model.Escapes + under), count, (uint)total);
                }
                else
                {
                    if (model.Escapes > 0 && model.Escapes < total)
                        writer.Encode(0, model.Escapes, (uint)total);
                    model.Escapes += EscapeStep;
                    model.Total += EscapeStep;
                }

                Count(context, count, Step, 0);
            }

            if (!isCoded)
            {
                var symbol = Encode(Root, value, RootStep, RootLeast, out var under, out var count);
                Link(symbol);
                writer.Encode((uint)(_symbols[Root].Escapes + under), count, _symbols[Root].Total);
                Count(Root, count, RootStep, RootLeast);
            }

            if (writer.IsFull)
                return 0;
            Predict();
        }

        return writer.Finish();
    }

    /// <inheritdoc />
    public int Expand(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (source.IsEmpty)
            return 0;
        Start();
        var reader = new Reader(source);
        var written = 0;
        while (true)
        {
            _link = Prediction;
            var found = -1;
            byte value = 0;
            var context = _predicted;
            for (; context != Root; context = _symbols[context].Parent)
            {
                ref var model = ref _symbols[context];
                if (model.Escapes == 0 || model.Escapes >= model.Total)
                    continue;
                uint total = model.Total;
                var code = reader.Read(total);
                if (code < model.Escapes)
                {
                    reader.Decode(0, model.Escapes);
                    continue;
                }

                found = Find(context, (ushort)(code - model.Escapes), out value, out var under, out var count);
                if (found < 0)
                    return 0;
                reader.Decode((uint)(model.Escapes + under), count);
                Count(context, count, Step, 0);
                break;
            }

            if (found < 0)
            {
                var escapes = _symbols[Root].Escapes;
                var code = reader.Read(_symbols[Root].Total);
                if (code < escapes)
                    return written;
                found = FindInRoot((ushort)(code - escapes), out value, out var under, out var count);
                reader.Decode((uint)(escapes + under), count);
                Count(Root, count, RootStep, RootLeast);
            }

            // The contexts that did not know the symbol learn it now, as they did at the other end.
            for (var patch = _predicted; patch != context; patch = _symbols[patch].Parent)
            {
                var symbol = Encode(patch, value, Step, 0, out _, out var count);
                Link(symbol);
                if (count == 0)
                {
                    _symbols[patch].Escapes += EscapeStep;
                    _symbols[patch].Total += EscapeStep;
                }

                Count(patch, count, Step, 0);
            }

            Link(found);
            if (written == destination.Length)
                return 0;
            destination[written++] = value;
            Predict();
        }
    }

    public void Dispose()
    {
        // Nothing but memory.
    }

    private void Start()
    {
        _count = 0;
        var root = Create(0, 0);
        _symbols[root].Escapes = RootEscapes;
        _symbols[root].Total = RootEscapes + (256 * RootLeast);
        _predicted = Root;
        _order = 0;
    }

    private void Predict()
    {
        if (_order >= Order)
            _predicted = _symbols[_predicted].Parent;
        else
            _order++;

        // A step creates one symbol for each context and one for the root.
        if (_count >= MostSymbols - Order)
            Start();
    }

    private void Link(int symbol)
    {
        if (_link == Prediction)
            _predicted = symbol;
        else
            _symbols[_link].Parent = (ushort)symbol;
        _link = symbol;
    }

    private int Create(byte value, int count)
    {
        _symbols[_count] = new Symbol { Value = value, Count = (byte)count, Under = (ushort)count };
        return _count++;
    }

    /// <summary>Finds or makes a value's symbol in a context and adds to its count; tells the share of it before that.</summary>
    private int Encode(int context, byte value, int step, int least, out int under, out uint count)
    {
        under = value * least;
        count = (uint)least;
        int at = _symbols[context].Symbols;
        if (at == 0)
        {
            var first = Create(value, step);
            _symbols[context].Symbols = (ushort)first;
            return first;
        }

        while (true)
        {
            ref var node = ref _symbols[at];
            if (value < node.Value)
            {
                node.Under += (ushort)step;
                if (node.Left == 0)
                {
                    var left = Create(value, step);
                    _symbols[at].Left = (ushort)left;
                    return left;
                }

                at = node.Left;
            }
            else if (value > node.Value)
            {
                under += node.Under;
                if (node.Right == 0)
                {
                    var right = Create(value, step);
                    _symbols[at].Right = (ushort)right;
                    return right;
                }

                at = node.Right;
            }
            else
            {
                count += node.Count;
                under += node.Under - node.Count;
                node.Under += (ushort)step;
                node.Count += (byte)step;
                return at;
            }
        }
    }

    /// <summary>Finds the symbol that a code names in a context, and adds to its count; -1 where there is none.</summary>
    private int Find(int context, ushort code, out byte value, out int under, out uint count)
    {
        under = 0;
        count = 0;
        value = 0;
        int at = _symbols[context].Symbols;
        while (at != 0)
        {
            ref var node = ref _symbols[at];
            var after = under + node.Under;
            if (code >= after)
            {
                under = after;
                at = node.Right;
            }
            else if (code < after - node.Count)
            {
                node.Under += Step;
                at = node.Left;
            }
            else
            {
                value = node.Value;
                count = node.Count;
                under = after - node.Count;
                node.Under += Step;
                node.Count += Step;
                return at;
            }
        }

        return -1;
    }

    /// <summary>The same in the root, where a value that has not come up yet has a share as well.</summary>
    private int FindInRoot(ushort code, out byte value, out int under, out uint count)
    {
        under = 0;
        count = RootLeast;
        int at = _symbols[Root].Symbols;
        if (at == 0)
        {
            value = (byte)(code / RootLeast);
            under = code - (code % RootLeast);
            var first = Create(value, RootStep);
            _symbols[Root].Symbols = (ushort)first;
            return first;
        }

        while (true)
        {
            ref var node = ref _symbols[at];
            var after = under + node.Under + ((node.Value + 1) * RootLeast);
            var before = node.Count + RootLeast;
            if (code >= after)
            {
                under += node.Under;
                if (node.Right == 0)
                {
                    value = (byte)(node.Value + 1 + ((code - after) / RootLeast));
                    under = code - ((code - after) % RootLeast);
                    var right = Create(value, RootStep);
                    _symbols[at].Right = (ushort)right;
                    return right;
                }

                at = node.Right;
            }
            else if (code < after - before)
            {
                node.Under += RootStep;
                if (node.Left == 0)
                {
                    var back = after - before - code - 1;
                    value = (byte)(node.Value - 1 - (back / RootLeast));
                    under = code - (back % RootLeast);
                    var left = Create(value, RootStep);
                    _symbols[at].Left = (ushort)left;
                    return left;
                }

                at = node.Left;
            }
            else
            {
                value = node.Value;
                count += node.Count;
                under = after - before;
                node.Under += RootStep;
                node.Count += RootStep;
                return at;
            }
        }
    }

    /// <summary>A context has seen one symbol more; where its counts would overflow they are halved.</summary>
    private void Count(int context, uint count, int step, int least)
    {
        ref var model = ref _symbols[context];
        model.Total += (ushort)step;
        if (count <= (uint)(0xFF - (2 * step) + least) && model.Total <= Bottom - 0x100)
            return;
        var total = model.Symbols == 0 ? 0 : Halve(model.Symbols);
        model.Escapes -= (ushort)(model.Escapes >> 1);
        model.Total = (ushort)(total + model.Escapes + (256 * least));
    }

    private int Halve(int at)
    {
        var total = 0;
        while (at != 0)
        {
            ref var node = ref _symbols[at];
            node.Count -= (byte)(node.Count >> 1);
            node.Under = node.Count;
            if (node.Left != 0)
                node.Under += (ushort)Halve(node.Left);
            total += node.Under;
            at = node.Right;
        }

        return total;
    }

    /// <summary>A symbol in the tree of its context, and the context that it is itself for what follows it.</summary>
    private struct Symbol
    {
        public byte Value;
        public byte Count;
        public ushort Under;
        public ushort Left;
        public ushort Right;
        public ushort Symbols;
        public ushort Escapes;
        public ushort Total;
        public ushort Parent;
    }

    private ref struct Writer(Span<byte> destination)
    {
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

    private ref struct Reader
    {
        private readonly ReadOnlySpan<byte> _source;
        private uint _low;
        private uint _range = uint.MaxValue;
        private uint _code;
        private int _read;

        public Reader(ReadOnlySpan<byte> source)
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
}
