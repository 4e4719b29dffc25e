using Peer.TestKit.Scenarios;

namespace Peer.Lab.Drawing;

/// <summary>Reads a timeline's text of a signal, such as <c>PeerDisconnected(5) Timeout nothing was heard</c>.</summary>
internal static class SignalText
{
    /// <summary>What the signal says of whom; null for one that another says already.</summary>
    public static (bool Connected, string Who, string? Why)? Read(TimelineEntry entry)
    {
        var words = entry.What.Split(' ', 2, StringSplitOptions.TrimEntries);
        var why = words.Length > 1 && words[1].Length > 0 ? words[1] : null;
        var (name, id) = words[0].Split('(', ')') is [var before, var inside, ..] ? (before, inside) : (words[0], "");
        var who = entry.To.Length > 0 ? entry.To : id;
        return name switch
        {
            "PeerConnected" => (true, who, why),
            "PeerDisconnected" => (false, who, why),
            "ConnectionFailed" => (false, "failed", why),

            // The same moment's PeerDisconnected(1) says it.
            "ServerDisconnected" => null,
            _ => (true, name, why),
        };
    }
}
