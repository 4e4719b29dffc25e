using System.Diagnostics;

namespace Peer.Node.Demo;

/// <summary>How this program starts itself again: its own executable, or <c>dotnet</c> with its own assembly.</summary>
internal static class SelfProcess
{
    public static ProcessStartInfo Start(IEnumerable<string> arguments) =>
        Start(Environment.ProcessPath ?? "dotnet", typeof(SelfProcess).Assembly.Location, arguments);

    /// <summary>As above, for a given executable of this process.</summary>
    public static ProcessStartInfo Start(string executable, string assembly, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(executable)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // A child lives for seconds: code that watches itself to be compiled better later costs more than it will ever earn.
        start.Environment.TryAdd("DOTNET_TieredPGO", "0");
        if (Path.GetFileNameWithoutExtension(executable).Equals("dotnet", StringComparison.OrdinalIgnoreCase))
            start.ArgumentList.Add(assembly);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }
}
