using System.CommandLine;
using Peer.Lab.Compare.Works;

namespace Peer.Lab.Compare.Ends;

/// <summary><c>compare-end</c>: one end of a workload; <c>compare</c> starts it and speaks to it, nobody else does.</summary>
internal static class EndCommand
{
    public const string Name = "compare-end";

    public static Command Create()
    {
        var words = new Argument<string[]>("words") { Description = "library, role, work, key=value ..." };
        var command = new Command(Name, "One end of a workload of compare.") { words };
        command.Hidden = true;
        command.SetAction(result => Run(result.GetValue(words)!));
        return command;
    }

    private static int Run(string[] words)
    {
        if (words is not [var library, var role, var name, .. var pairs])
            return ExitCode.Usage;
        var session = new EndSession(Console.In, Console.Out);
        try
        {
            var settings = new WorkSettings(pairs);
            var work = WorkCatalog.Create(name, role, settings);
            work.Attach(session);
            var end = Endpoint(library, role, work, settings);
            work.Prepare(end);
            session.Ready(role == "server" ? end.Listen(settings.Clients) : Connect(end, settings));

            // A server has clients to let in before anything begins.
            while (session.Phase == EndPhase.Waiting)
                end.Poll(TimeSpan.FromMilliseconds(10));
            session.Done(work.Run(end));
            while (session.Phase != EndPhase.Quitting)
                end.Poll(TimeSpan.FromMilliseconds(20));
        }
        catch (Exception failure) when (failure is InvalidOperationException or ArgumentException or TimeoutException)
        {
            session.Failed(failure.Message);
            return ExitCode.Violation;
        }

        // Nobody waits for a thousand good-byes.
        Environment.Exit(ExitCode.Ok);
        return ExitCode.Ok;
    }

    private static int Connect(IEndpoint end, WorkSettings settings)
    {
        end.Connect(settings.Port, settings.Clients);
        return settings.Port;
    }

    private static IEndpoint Endpoint(string library, string role, Work work, WorkSettings settings) => library switch
    {
        Library.ActorPeer => new ActorPeerEndpoint(work, settings),
        ENetServerEndpoint.Name => new ENetServerEndpoint(work),
        Library.LiteNetLib => new LiteNetEndpoint(work, role, settings),
        _ => throw new ArgumentException($"no library '{library}' here"),
    };
}
