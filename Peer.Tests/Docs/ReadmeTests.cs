using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit.Abstractions;

namespace Peer.Tests.Docs;

/// <summary>What the README shows compiles outside the solution, with nothing but project references, and does what it says.</summary>
[Trait("Category", "Process")]
public sealed partial class ReadmeTests(ITestOutputHelper output) : IDisposable
{
    private const string Configuration =
#if DEBUG
        "Debug";
#else
        "Release";
#endif

    private readonly string _folder = Directory.CreateTempSubdirectory("actorpeer-readme-").FullName;

    [Fact]
    public async Task The_tour_is_under_forty_lines_and_runs()
    {
        var tour = Samples()[0];
        Assert.InRange(tour.Split('\n').Length, 10, 39);
        WriteProject("tour", tour);

        var lines = await Run("tour");

        Assert.Contains(lines, line => line.StartsWith("server: peer ", StringComparison.Ordinal) && line.EndsWith(" joined", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("client: connected as ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("on channel 3", StringComparison.Ordinal));
        Assert.Contains("server: hello", lines);
        Assert.Contains(lines, line => line.StartsWith("client: server gone, ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_actor_sample_compiles_and_listens()
    {
        WriteProject("actor", $$"""
            using System.Net;
            using Akka.Actor;
            using Peer.Actors;

            var game = ActorSystem.Create("game", ActorPeer.DefaultConfig);
            var done = new TaskCompletionSource();
            game.ActorOf(Props.Create(() => new Room(game, done)));
            await done.Task.WaitAsync(TimeSpan.FromSeconds(20));
            await game.Terminate();

            internal sealed class Room : UntypedActor
            {
                private readonly TaskCompletionSource _done;

                public Room(ActorSystem system, TaskCompletionSource done)
                {
                    _done = done;
            {{Samples()[1].Replace("7777", "0", StringComparison.Ordinal)}}
                }

                protected override void OnReceive(object message)
                {
                    if (message is not Listening)
                        return;
                    Console.WriteLine("listening");
                    _done.SetResult();
                }
            }
            """);

        Assert.Contains("listening", await Run("actor"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static List<string> Samples() =>
        [.. CSharpBlock().Matches(File.ReadAllText(Path.Combine(Root(), "README.md"))).Select(match => match.Groups[1].Value.TrimEnd())];

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    private void WriteProject(string name, string program)
    {
        Directory.CreateDirectory(Path.Combine(_folder, name));
        File.WriteAllText(Path.Combine(_folder, name, "Program.cs"), program);
        File.WriteAllText(Path.Combine(_folder, name, $"{name}.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="{Path.Combine(Root(), "Peer.Actors", "Peer.Actors.csproj")}" />
              </ItemGroup>
            </Project>
            """);
    }

    private async Task<List<string>> Run(string name)
    {
        var start = new ProcessStartInfo("dotnet", ["run", "-c", Configuration, "--project", Path.Combine(_folder, name)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        var text = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        output.WriteLine(text + await errors);
        Assert.Equal(0, process.ExitCode);
        return [.. text.Split('\n', StringSplitOptions.TrimEntries)];
    }

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}
