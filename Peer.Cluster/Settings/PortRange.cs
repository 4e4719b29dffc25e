namespace Peer.Cluster.Settings;

/// <summary>UDP ports of rooms.</summary>
/// <param name="First">The first one; 0 lets the system choose any.</param>
/// <param name="Last">The last one.</param>
public readonly record struct PortRange(int First, int Last)
{
    private const int MaxPort = 65_535;

    /// <summary>How many there are.</summary>
    public int Count => Last - First + 1;

    /// <summary>Reads <c>0</c>, <c>20000</c> or <c>20000-29999</c>.</summary>
    public static bool TryParse(string text, out PortRange range)
    {
        ArgumentNullException.ThrowIfNull(text);
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        range = default;
        if (!TryPort(dash < 0 ? text : text[..dash], out var first) || !TryPort(dash < 0 ? text : text[(dash + 1)..], out var last))
            return false;
        range = new PortRange(first, last);
        return first <= last && (first > 0 || last == 0);
    }

    /// <summary>The port to try at a given turn; they follow one another and begin again.</summary>
    public int At(long turn) => First == 0 ? 0 : First + (int)(turn % Count);

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text.Trim(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out port) && port <= MaxPort;
}
