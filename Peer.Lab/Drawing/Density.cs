namespace Peer.Lab.Drawing;

/// <summary>
/// Divides the window into columns and says in which of them too much happens to draw each datagram: those are drawn as counts, so that the
/// picture stays readable, and its size bounded, however long the run was.
/// </summary>
internal sealed class Density
{
    /// <summary>Columns of a window.</summary>
    public const int Columns = 180;

    /// <summary>Arrows and dots that a column shows one by one.</summary>
    public const int MostInColumn = 14;

    /// <summary>So few in the whole window are shown one by one, however they crowd.</summary>
    public const int FewAltogether = 2_000;

    private const int ShortestPause = 12;

    private readonly Window _window;
    private readonly bool[] _dense = new bool[Columns];

    public Density(Picture picture, Window window)
    {
        _window = window;
        var counts = new int[Columns];
        foreach (var flight in picture.Flights)
            Count(flight.SentAt);
        foreach (var packet in picture.Packets)
            Count(packet.At);
        if (counts.Sum() <= FewAltogether)
            return;
        for (var column = 0; column < Columns; column++)
            _dense[column] = counts[column] > MostInColumn;
        JoinStretches();

        void Count(long at)
        {
            if (window.Holds(at))
                counts[ColumnOf(at)]++;
        }
    }

    /// <summary>Stretches of dense columns, first and last inclusive.</summary>
    public IEnumerable<(int First, int Last)> Stretches()
    {
        for (var column = 0; column < Columns; column++)
        {
            if (!_dense[column])
                continue;
            var first = column;
            while (column + 1 < Columns && _dense[column + 1])
                column++;
            yield return (first, column);
        }
    }

    public int ColumnOf(long at) => (int)Math.Min(Columns - 1, (at - _window.From) * Columns / (_window.To - _window.From));

    public bool IsDense(long at) => _window.Holds(at) && _dense[ColumnOf(at)];

    public double X(int column) => _window.Left + ((_window.Right - _window.Left) * column / Columns);

    // Short pauses between counts would flicker between two ways of drawing.
    private void JoinStretches()
    {
        var last = -1;
        for (var column = 0; column < Columns; column++)
        {
            if (!_dense[column])
                continue;
            if (last >= 0 && column - last <= ShortestPause)
                Array.Fill(_dense, true, last, column - last);
            last = column;
        }
    }
}
