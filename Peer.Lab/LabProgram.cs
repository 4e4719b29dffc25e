using System.CommandLine;
using System.CommandLine.Invocation;
using Peer.Lab.Codec;
using Peer.Lab.Compare;
using Peer.Lab.Compare.Ends;
using Peer.Lab.Core;
using Peer.Lab.Flood;
using Peer.Lab.Fuzz;
using Peer.Lab.Relay;
using Peer.Lab.Scale;
using Peer.Lab.Simulate;
using Peer.Lab.Soak;
using Peer.Lab.Spanning;
using Peer.Node;
using Peer.Protocol.Delivery;
using Peer.TestKit.Scenarios;

namespace Peer.Lab;

/// <summary>The root command: picks an experiment, and turns a mistyped command line into exit code 2.</summary>
internal static class LabProgram
{
    private const int WatchedReleases = 256;

    public static int Run(string[] args, TextWriter output, TextWriter error) => Run(args, output, error, new Laboratory((scenario, keepTimeline) =>
    {
        // Whoever reads memory that was given back shall be found by any seed, not by the one in which it was used again.
        ReleasedMemory.Watch ??= new ReleasedMemory(WatchedReleases);
        return ScenarioPlayer.Play(scenario, keepTimeline);
    }));

    public static int Run(string[] args, TextWriter output, TextWriter error, Laboratory laboratory)
    {
        var result = CreateRoot(laboratory).Parse(args);
        if (result.Errors.Count > 0 && result.Action is ParseErrorAction)
        {
            foreach (var mistake in result.Errors)
                error.WriteLine(mistake.Message);
            var command = result.CommandResult.Command;
            error.WriteLine($"See: {(command is RootCommand ? command.Name : $"{result.RootCommandResult.Command.Name} {command.Name}")} --help");
            return ExitCode.Usage;
        }

        return result.Invoke(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null });
    }

    public static RootCommand CreateRoot(Laboratory laboratory)
    {
        var root = new RootCommand("The laboratory of ActorPeer: experiments on the library, never deployed.") { SimulateCommand.Create(laboratory), RelayCommand.Create(), CodecCommand.Create(), CompareCommand.Create(), CoreCommand.Create(), EndCommand.Create(), FloodCommand.Create(), FuzzCommand.Create(), ENetCommand.Create() };
        foreach (var command in SoakCommand.Create().Concat(ScaleCommand.Create()).Concat(SpanCommand.Create()))
            root.Add(command);
        GuideHelpAction.Install(root);
        return root;
    }
}
