namespace Peer.Protocol.ENet;

/// <summary>
/// ENet's own compressor: an adaptive model of order two (prediction by partial matching) whose symbols a range coder writes. Both ends build the same model
/// from what went before in the datagram, so every constant and every step of the adaptation is part of the format.
/// </summary>
internal sealed partial class RangeCoder : ICompressor
{
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
        var writer = new RangeWriter(destination);
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
        var reader = new RangeReader(source);
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
}
