using System.Text.Json;

namespace Peer.Node.Load;

/// <summary>Books in a file, one JSON object a line.</summary>
internal static class LoadBooks
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, IgnoreReadOnlyProperties = false };

    /// <summary>Written beside its place and moved there, so that whoever finds it finds all of it.</summary>
    public static void Write(string file, IEnumerable<BotBook> books)
    {
        var unfinished = $"{file}.part";
        File.WriteAllLines(unfinished, books.OrderBy(book => book.Bot).Select(book => JsonSerializer.Serialize(book, Json)));
        File.Move(unfinished, file, overwrite: true);
    }

    public static List<BotBook> Read(string file) =>
        [.. File.ReadLines(file).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<BotBook>(line, Json) ?? throw new JsonException($"{file} has an empty book"))];
}
