using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Peer.Node.Logging;

/// <summary>One line of a log: for people, or a JSON object with <c>time</c>, <c>level</c>, <c>source</c> and <c>message</c>.</summary>
internal static class LogLine
{
    // Standard escapes would turn every quotation mark and letter with an accent into a number; a log is no page.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Text(string level, string message, Exception? cause) =>
        cause is null ? $"{level}: {message}" : $"{level}: {message}: {cause.GetType().Name}: {cause.Message}";

    /// <param name="time">When.</param>
    /// <param name="level">How bad: debug, info, warning, error.</param>
    /// <param name="source">Who says it.</param>
    /// <param name="message">What.</param>
    /// <param name="cause">The exception behind it.</param>
    /// <param name="fields">More of it, by name.</param>
    public static string Json(DateTimeOffset time, string level, string source, string message, Exception? cause = null, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            writer.WriteString("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture));
            writer.WriteString("level", level);
            writer.WriteString("source", source);
            writer.WriteString("message", message);
            foreach (var (name, value) in fields)
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, value);
            }

            if (cause is not null)
            {
                writer.WriteString("exception", cause.GetType().FullName);
                writer.WriteString("detail", cause.ToString());
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
