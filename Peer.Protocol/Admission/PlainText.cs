using System.Globalization;

namespace Peer.Protocol.Admission;

/// <summary>Text of somebody else's, made fit for a log or a terminal.</summary>
internal static class PlainText
{
    /// <summary>The text without anything that moves a cursor, starts a line, or turns the writing direction: line ends and tabs become spaces, the rest U+FFFD.</summary>
    public static string Of(string text)
    {
        foreach (var c in text)
        {
            if (!IsPlain(c))
                return string.Create(text.Length, text, static (plain, from) =>
                {
                    for (var i = 0; i < from.Length; i++)
                        plain[i] = IsPlain(from[i]) ? from[i] : from[i] is '\r' or '\n' or '\t' or '\u2028' or '\u2029' ? ' ' : '\uFFFD';
                });
        }

        return text;
    }

    private static bool IsPlain(char c) =>
        c is >= ' ' and <= '~'
        || char.GetUnicodeCategory(c) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
