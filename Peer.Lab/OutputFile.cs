namespace Peer.Lab;

/// <summary>A file that the user named: what goes wrong with it is his line to read, not a stack trace.</summary>
internal static class OutputFile
{
    public static bool Write(FileInfo file, Action<FileStream> write, TextWriter error)
    {
        try
        {
            using var stream = file.Create();
            write(stream);
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"cannot write {file}: {problem.Message}");
            return false;
        }
    }
}
