using System.CommandLine;

namespace Peer.Lab.Children;

/// <summary>A command that an experiment starts and nobody types.</summary>
internal static class ChildCommand
{
    /// <param name="name">Its name.</param>
    /// <param name="experiment">Whose participant it is.</param>
    /// <param name="run">What it does with the words that follow; gives the exit code.</param>
    public static Command Create(string name, string experiment, Func<string[], int> run)
    {
        var words = new Argument<string[]>("words") { Description = "what the experiment says", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command(name, $"A participant of {experiment}.") { words };
        command.Hidden = true;
        command.SetAction(result => run(result.GetValue(words)!));
        return command;
    }
}
