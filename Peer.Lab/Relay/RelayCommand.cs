using System.CommandLine;
using System.Globalization;
using System.Net;
using Peer.Node;

namespace Peer.Lab.Relay;

/// <summary><c>relay</c>: a bad network between clients and a server on this machine.</summary>
internal static class RelayCommand
{
    /// <summary>A line on standard input that is answered with a line of counts: six numbers toward the server, a slash, six back.</summary>
    public const string Count = "count";

    private const string Guide = """
        Listens on 127.0.0.1, passes datagrams on to the server's port, and impairs them on the way: loss, duplication, a rate with a finite queue, delay, jitter.
        The first line of the output is the port to connect to. It ends with its standard input, and then says what passed each way:
        datagrams, UDP payload bytes, lost, dropped by the full queue, duplicated, delivered.

        Examples:
          Peer.Lab relay --to 7777 --delay 50 --loss 0.01 --rate 100
          Peer.Lab relay --to 7777 --delay 20 40 --loss 0.05 0 --jitter 5 --seed 9

        Exit codes: 0 ended; 2 wrong usage.
        """;

    public static Command Create()
    {
        var options = new RelayOptions();
        var command = new GuidedCommand("relay", "Impairs the datagrams between clients and a server on loopback.", Guide);
        options.AddTo(command);
        command.SetAction(result =>
        {
            var (there, back) = options.Shapes(result);
            using var relay = new UdpRelay(new IPEndPoint(IPAddress.Loopback, result.GetValue(options.To)), there, back, result.GetValue(options.Listen));
            var output = result.InvocationConfiguration.Output;
            output.WriteLine(relay.Port.ToString(CultureInfo.InvariantCulture));
            output.Flush();
            while (Console.In.ReadLine() is { } line)
            {
                if (line == Count)
                    Say(output, relay);
            }

            Say(output, relay);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Say(TextWriter output, UdpRelay relay)
    {
        var (there, back) = relay.Counts;
        output.WriteLine($"{there} / {back}");
        output.Flush();
    }
}
