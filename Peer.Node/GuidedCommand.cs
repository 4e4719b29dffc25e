using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Peer.Node;

/// <summary>A command whose help ends with what a list of options cannot say: examples, keys, exit codes.</summary>
internal sealed class GuidedCommand(string name, string description, string guide) : Command(name, description)
{
    /// <summary>Printed after the options.</summary>
    public string Guide { get; } = guide;
}

/// <summary>The library's help, then the guide of the command.</summary>
internal sealed class GuideHelpAction(HelpAction listing) : SynchronousCommandLineAction
{
    public static void Install(RootCommand root)
    {
        foreach (var option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction listing })
                option.Action = new GuideHelpAction(listing);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = listing.Invoke(parseResult);
        if (parseResult.CommandResult.Command is GuidedCommand command)
            parseResult.InvocationConfiguration.Output.WriteLine(command.Guide);
        return code;
    }
}
