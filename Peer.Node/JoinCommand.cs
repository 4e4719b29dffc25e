using System.CommandLine;
using Peer.Actors;
using Peer.Cluster.Rooms;
using Peer.Protocol;

namespace Peer.Node;

/// <summary><c>join</c>: a client to use by hand, or in a pipe.</summary>
internal static class JoinCommand
{
    private const string Guide = """
        Lines of standard input go to everybody: the server, and through it every other client. Lines that begin with a slash are commands:
          /peers          who is there
          /to ID text     says something to one peer alone (1 is the server)
          /quit           leaves
          //text          says "/text"
        The end of the input leaves too, after everything has been delivered; so does Ctrl+C (SIGINT) or SIGTERM.

        Examples:
          Peer.Node join 127.0.0.1:7777
          Peer.Node join [::1]:7777
          Peer.Node join 127.0.0.1:7777 --room lobby
          echo hello | Peer.Node join game.example.org

        Exit codes: 0 left; 1 could not connect, or the server has gone; 2 wrong usage.
        """;

    public static Command Create()
    {
        var server = new Argument<ServerAddress>("server")
        {
            HelpName = "HOST:PORT",
            Description = $"The server: a name or an address, an IPv6 address in brackets; port {ServerAddress.DefaultPort} when left out",
            CustomParser = result =>
            {
                var address = ServerAddress.Parse(result.Tokens[0].Value, out var problem);
                if (address is null)
                    result.AddError(problem);
                return address;
            },
        };
        var name = ServeCommand.ApplicationOption();
        var room = new Option<string>("--room") { Description = "Room of a cluster; any of its nodes may be asked", HelpName = "ROOM", DefaultValueFactory = _ => "" };
        room.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !RoomKey.IsValid(token.Value))
                result.AddError($"--room takes up to {RoomKey.MaxLength} letters, digits and . _ - : ~");
        });
        var command = new GuidedCommand("join", "Joins a server by hand: sends the lines of standard input, prints what others say, who joins and who leaves.", Guide) { server, room, name };
        command.SetAction(result => Join(result.GetRequiredValue(server), result.GetValue(room)!, result.GetValue(name)!, result.InvocationConfiguration));
        return command;
    }

    private static int Join(ServerAddress server, string room, string name, InvocationConfiguration console)
    {
        using var signals = new TerminationSignals();
        using var peer = new ActorMultiplayerPeer(NodeSettings.For(name));
        using var input = new LineSource(Console.In);
        var client = new TextClient(peer, server, input, console.Output, console.Error);
        if (peer.CreateClient(server.Host, server.Port, new ClientOptions { Room = room }) != Error.Ok)
        {
            console.Error.WriteLine($"cannot connect to {server}: {peer.LastErrorText}");
            return ExitCode.Failed;
        }

        return client.Run(() => signals.Raised);
    }
}
