using System.Text;
using System.Text.Unicode;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node;

/// <summary>Text lines as packets, and packets of strangers as text that is safe to print.</summary>
internal static class ChatText
{
    private const int MaxShown = 4000;

    public static byte[] Encode(string line) => Encoding.UTF8.GetBytes(line);

    /// <summary>The packet on one line. Control characters are replaced: a peer must not drive the reader's terminal.</summary>
    public static string Show(ReadOnlySpan<byte> packet) =>
        Utf8.IsValid(packet) ? Clean(Encoding.UTF8.GetString(packet)) : $"({packet.Length} bytes that are not text)";

    /// <summary>Who speaks.</summary>
    public static string Name(int peer) =>
        peer == MultiplayerPeer.TargetPeerServer ? "server" : peer.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Why a connection ended, in words.</summary>
    public static string Why(DisconnectInfo info) => info.Text.Length == 0 ? $"{info.Reason}" : $"{info.Reason}: {Clean(info.Text)}";

    private static string Clean(string text)
    {
        var shown = new StringBuilder(Math.Min(text.Length, MaxShown) + 1);
        foreach (var character in text)
        {
            if (shown.Length == MaxShown)
            {
                shown.Append('…');
                break;
            }

            shown.Append(char.IsControl(character) || IsInvisible(character) ? '\uFFFD' : character);
        }

        return shown.ToString();
    }

    // Line separators, and marks that turn the direction of what follows.
    private static bool IsInvisible(char character) =>
        character is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
