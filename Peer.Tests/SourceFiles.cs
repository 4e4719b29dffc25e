using System.Runtime.CompilerServices;

namespace Peer.Tests;

/// <summary>The project's own source text, for rules that no compiler checks.</summary>
internal static class SourceFiles
{
    /// <summary>Every C# file below these folders, named by its path from the root.</summary>
    public static List<(string Name, string Text)> Of(params string[] folders)
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, ".."));
        return
        [
            .. folders
                .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.cs", SearchOption.AllDirectories))
                .Select(file => (Name: Path.GetRelativePath(root, file).Replace('\\', '/'), File: file))
                .Where(source => !source.Name.Contains("/obj/", StringComparison.Ordinal) && !source.Name.Contains("/bin/", StringComparison.Ordinal))
                .Select(source => (source.Name, File.ReadAllText(source.File))),
        ];
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
