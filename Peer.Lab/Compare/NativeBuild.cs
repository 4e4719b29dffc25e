using System.Diagnostics;

namespace Peer.Lab.Compare;

/// <summary>Compiles the C program that plays ENet's ends, where there is a compiler and the library; once, until the sources change.</summary>
internal static class NativeBuild
{
    /// <summary>What a Debian or Ubuntu machine lacks when this fails.</summary>
    public const string Remedy = "apt-get update && apt-get install -y libenet-dev gcc libc6-dev";

    /// <summary>The executable, or null and why there is none.</summary>
    public static string? TryBuild(out string problem) => TryBuild("native", "compare-enet", out problem);

    /// <summary>The same of another folder of C sources beside the program.</summary>
    public static string? TryBuild(string sourceFolder, string name, out string problem)
    {
        problem = "";
        var folder = Path.Combine(AppContext.BaseDirectory, sourceFolder);
        var program = Path.Combine(folder, name);
        var sources = Directory.Exists(folder) ? Directory.GetFiles(folder, "*.c") : [];
        if (sources.Length == 0)
        {
            problem = $"no C sources in {folder}";
            return null;
        }

        var newest = Directory.GetFiles(folder, "*.?").Max(File.GetLastWriteTimeUtc);
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) >= newest)
            return program;

        // Aside first: somebody else may be compiling, or running the old one.
        var fresh = $"{program}.{Environment.ProcessId}";
        problem = Compile(["-O2", "-o", fresh, .. sources, "-lenet", "-lpthread"]);
        if (problem.Length > 0)
            return null;
        File.Move(fresh, program, overwrite: true);
        return program;
    }

    private static string Compile(IEnumerable<string> arguments)
    {
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", arguments) { RedirectStandardError = true })!;
            var errors = compiler.StandardError.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? "" : $"cc failed: {errors.Trim().Split('\n')[0]}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "there is no C compiler (cc) on the PATH";
        }
    }
}
