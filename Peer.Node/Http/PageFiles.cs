namespace Peer.Node.Http;

/// <summary>The page's files, embedded as they are.</summary>
internal static class PageFiles
{
    public static byte[] Read(string name)
    {
        using var stream = typeof(PageFiles).Assembly.GetManifestResourceStream($"page/{name}")!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
