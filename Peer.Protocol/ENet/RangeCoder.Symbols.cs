namespace Peer.Protocol.ENet;

/// <summary>The model: for each context a tree of the symbols that came up in it, with their counts. Every number is part of the format.</summary>
internal sealed partial class RangeCoder
{
    /// <summary>The range is never shared among more than 2^16 counts, and one step adds less than a byte's worth.</summary>
    private const uint MostTotal = (1 << 16) - 0x100;

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
        if (count <= (uint)(0xFF - (2 * step) + least) && model.Total <= MostTotal)
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
}
