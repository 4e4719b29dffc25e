using System.CommandLine;
using System.CommandLine.Invocation;
using Peer.Node.Demo;
using Peer.Node.Load;

namespace Peer.Node;

/// <summary>The root command: picks what to be, and turns a mistyped command line into exit code 2.</summary>
internal static class NodeProgram
{
    public static int Run(string[] args, TextWriter output, TextWriter error)
    {
        var result = CreateRoot().Parse(args);
        if (result.Errors.Count > 0 && result.Action is ParseErrorAction)
        {
            foreach (var mistake in result.Errors)
                error.WriteLine(mistake.Message);
            error.WriteLine($"See: {CommandPath(result)} --help");
            return ExitCode.Usage;
        }

        // Signals belong to the commands: they leave gracefully, which takes longer than the library's time-out for it.
        return result.Invoke(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null });
    }

    public static RootCommand CreateRoot()
    {
        var root = new RootCommand("ActorPeer: peers that reach each other over UDP, encrypted, reliably or not.")
        {
            ServeCommand.Create(),
            JoinCommand.Create(),
            DemoCommand.Create(),
            LoadCommand.Create(),
            KeygenCommand.Create(),
            DemoChildCommands.CreateServer(),
            DemoChildCommands.CreateClient(),
        };
        GuideHelpAction.Install(root);
        return root;
    }

    private static string CommandPath(ParseResult result) =>
        result.CommandResult.Command is RootCommand root ? root.Name : $"{result.RootCommandResult.Command.Name} {result.CommandResult.Command.Name}";
}
