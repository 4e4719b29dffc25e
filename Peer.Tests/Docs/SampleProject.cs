using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Peer.Tests.Docs;

/// <summary>What a page shows, as a program outside the solution, with nothing but project references.</summary>
internal sealed partial class SampleProject : IDisposable
{
    private const string Configuration =
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    private readonly string _folder = Directory.CreateTempSubdirectory("actorpeer-docs-").FullName;

    /// <param name="program">Its only file.</param>
    /// <param name="reference">The project that it refers to.</param>
    public SampleProject(string program, string reference)
    {
        File.WriteAllText(Path.Combine(_folder, "Program.cs"), program);
        File.WriteAllText(Path.Combine(_folder, "sample.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Path.Combine(Root(), reference, $"{reference}.csproj")}" />
              </ItemGroup>
            </Project>
            """);
    }

    /// <summary>The blocks of C# on a page, named by its path from the root.</summary>
    public static List<string> BlocksOf(string page) =>
        [.. CSharpBlock().Matches(File.ReadAllText(Path.Combine(Root(), page))).Select(match => match.Groups[1].Value.TrimEnd())];

    /// <summary>Compiles and runs it; returns what it prints.</summary>
    public async Task<List<string>> RunAsync(Action<string> log)
    {
        var start = new ProcessStartInfo("dotnet", ["run", "-c", Configuration, "--project", _folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        log(text + await errors);
        Assert.Equal(0, process.ExitCode);
        return [.. text.Split('\n', StringSplitOptions.TrimEntries)];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
