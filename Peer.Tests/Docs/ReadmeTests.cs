using Xunit.Abstractions;

namespace Peer.Tests.Docs;

/// <summary>What the README shows compiles outside the solution, with nothing but project references, and does what it says.</summary>
[Trait("Category", "Process")]
public sealed class ReadmeTests(ITestOutputHelper output)
{
    [Fact]
    public async Task The_tour_is_under_forty_lines_and_runs()
    {
        var tour = Samples()[0];
        Assert.InRange(tour.Split('\n').Length, 10, 39);

        var lines = await Run(tour);

        Assert.Contains(lines, line => line.StartsWith("server: peer ", StringComparison.Ordinal) && line.EndsWith(" joined", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("client: connected as ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.EndsWith("on channel 3", StringComparison.Ordinal));
        Assert.Contains("server: hello", lines);
        Assert.Contains(lines, line => line.StartsWith("client: server gone, ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_actor_sample_compiles_and_listens()
    {
        var lines = await Run($$"""
            using System.Net;
            using Akka.Actor;
            using Peer.Actors;

            var game = ActorSystem.Create("game", ActorPeer.DefaultConfig);
            var done = new TaskCompletionSource();
            game.ActorOf(Props.Create(() => new Room(game, done)));
            await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
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

        Assert.Contains("listening", lines);
    }

    private static List<string> Samples() => SampleProject.BlocksOf("README.md");

    private async Task<List<string>> Run(string program)
    {
        using var project = new SampleProject(program, "Peer.Actors");
        return await project.RunAsync(output.WriteLine);
    }
}
