namespace Peer.Lab.Drawing;

/// <summary>Puts the faults of a window into rows so that their labels do not cover one another.</summary>
internal sealed class FaultRows
{
    /// <summary>Rows at most; what does not fit shares the last one.</summary>
    public const int MostRows = 8;

    /// <summary>Faults at most; a window with more is one to zoom into.</summary>
    public const int MostFaults = 200;

    private const double LetterWidth = 6;

    public FaultRows(Picture picture, Window window)
    {
        var ends = new List<double>();
        var all = picture.Faults.Where(fault => fault.Ends >= window.From && fault.Begins <= window.To).OrderBy(fault => fault.Begins).ToList();
        Omitted = Math.Max(0, all.Count - MostFaults);
        foreach (var fault in all.Take(MostFaults))
        {
            var label = 4 + (fault.Label.Length * LetterWidth);
            var x = Math.Min(window.ClampedX(fault.Begins), window.Right - label);
            var end = Math.Max(window.ClampedX(fault.Ends), x + label) + 4;
            var row = ends.FindIndex(taken => taken <= x);
            var fits = row >= 0 || ends.Count < MostRows;
            if (row < 0 && fits)
            {
                row = ends.Count;
                ends.Add(end);
            }
            else if (row < 0)
            {
                row = MostRows - 1;
            }

            ends[row] = Math.Max(end, ends[row]);
            Placed.Add((fault, row, fits ? x : null));
        }

        Rows = ends.Count;
    }

    /// <summary>Each fault with its row, and where its label begins, if there is room for it.</summary>
    public List<(FaultBand Fault, int Row, double? LabelX)> Placed { get; } = [];

    public int Rows { get; }

    /// <summary>Faults that were left out.</summary>
    public int Omitted { get; }
}
