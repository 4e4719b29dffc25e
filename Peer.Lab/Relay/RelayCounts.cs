namespace Peer.Lab.Relay;

/// <summary>What passed in one direction; bytes are UDP payload.</summary>
/// <param name="Datagrams">Came in.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Lost">Taken by chance, or too long.</param>
/// <param name="Overflowed">Found the queue full.</param>
/// <param name="Duplicated">Copies added.</param>
/// <param name="Delivered">Went out.</param>
internal readonly record struct RelayCounts(long Datagrams, long Bytes, long Lost, long Overflowed, long Duplicated, long Delivered)
{
    /// <summary>What IPv4 and UDP add to each datagram.</summary>
    public const int HeaderBytes = 28;

    /// <summary>Bytes as an IP network counts them.</summary>
    public long BytesWithHeaders => Bytes + (Datagrams * HeaderBytes);

    public static RelayCounts operator -(RelayCounts left, RelayCounts right) => new(
        left.Datagrams - right.Datagrams, left.Bytes - right.Bytes, left.Lost - right.Lost, left.Overflowed - right.Overflowed,
        left.Duplicated - right.Duplicated, left.Delivered - right.Delivered);

    /// <summary>Six numbers, as <see cref="Parse"/> reads them.</summary>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Datagrams} {Bytes} {Lost} {Overflowed} {Duplicated} {Delivered}");

    public static RelayCounts Parse(ReadOnlySpan<char> text)
    {
        Span<long> numbers = stackalloc long[6];
        var at = 0;
        foreach (var part in text.Split(' '))
            numbers[at++] = long.Parse(text[part], System.Globalization.CultureInfo.InvariantCulture);
        return new RelayCounts(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5]);
    }
}
