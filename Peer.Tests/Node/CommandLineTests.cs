using System.CommandLine;
using Peer.Node;

namespace Peer.Tests.Node;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("serve", "Runs a server by hand", "--port", "--bind", "--max-peers", "--name", "7777", "4095", "--http", "--http-host", "--log-format", "--config", "--set", "--quiet", "ACTORPEER__", "Examples:", "Exit codes:")]
    [InlineData("join", "Joins a server by hand", "HOST:PORT", "--name", "7777", "/peers", "/to ID text", "/quit", "Examples:", "Exit codes:")]
    [InlineData("demo", "several processes", "--clients", "--duration", "--json", "--port", "--seed", "--rate", "[default: 8]", "[default: 5]", "\"rtt_us\"", "Examples:", "Exit codes:")]
    [InlineData("load", "Bots that talk", "HOST:PORT", "--bots", "--rooms", "--rate", "--seconds", "--size", "--mix", "--books", "--first-bot", "--json", "[default: 100]", "\"latency_ms\"", "Examples:", "Exit codes:")]
    [InlineData("keygen", "secrets of servers", "--json", "--only", "--out", "--token-id", "0600", "Examples:", "Exit codes:")]
    public void The_help_of_a_command_says_what_it_does_and_names_its_options(string command, params string[] mentions)
    {
        var (code, output, error) = Run(command, "--help");

        Assert.Equal((0, ""), (code, error));
        Assert.All(mentions, mention => Assert.Contains(mention, output, StringComparison.Ordinal));
    }

    [Fact]
    public void No_option_is_missing_from_its_help()
    {
        foreach (var command in NodeProgram.CreateRoot().Subcommands.Where(command => !command.Hidden))
        {
            var (_, output, _) = Run(command.Name, "--help");
            Assert.All(command.Options, option => Assert.Contains(option.Name, output, StringComparison.Ordinal));
            Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description)));
        }
    }

    [Fact]
    public void The_root_lists_the_commands_and_hides_those_that_are_for_the_demo_alone()
    {
        var (code, output, _) = Run("--help");

        Assert.Equal(0, code);
        Assert.All((string[])["serve", "join", "demo", "load", "keygen"], name => Assert.Contains($"  {name} ", output, StringComparison.Ordinal));
        Assert.DoesNotContain("demo-server", output, StringComparison.Ordinal);
        Assert.DoesNotContain("demo-client", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("serve --port 65536")]
    [InlineData("serve --port -1")]
    [InlineData("serve --port seven")]
    [InlineData("serve --max-peers 0")]
    [InlineData("serve --max-peers 65537")]
    [InlineData("serve --nonsense")]
    [InlineData("serve --http 65536")]
    [InlineData("serve --set nothing")]
    [InlineData("load")]
    [InlineData("load host:0")]
    [InlineData("load host --bots 0")]
    [InlineData("load host --rate 0")]
    [InlineData("load host --size 27")]
    [InlineData("load host --mix 50,50")]
    [InlineData("load host --mix 50,30,30")]
    [InlineData("join")]
    [InlineData("join ::1")]
    [InlineData("join host:0")]
    [InlineData("join one two")]
    [InlineData("demo --clients 0")]
    [InlineData("demo --clients 65")]
    [InlineData("demo --duration 0")]
    [InlineData("demo --duration NaN")]
    [InlineData("demo --duration 1e9")]
    [InlineData("demo --rate 0")]
    [InlineData("demo --seed x")]
    [InlineData("keygen --token-id 256")]
    [InlineData("keygen --only nothing")]
    [InlineData("")]
    public void A_mistyped_command_line_is_exit_code_2_and_one_pointer_to_the_help(string line)
    {
        var (code, output, error) = Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("--help", error, StringComparison.Ordinal);
        Assert.InRange(error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 2, 4);
    }

    [Theory]
    [InlineData("serve --port 0 --bind 127.0.0.1 --max-peers 65536 --name game")]
    [InlineData("serve")]
    [InlineData("serve --http 0 --http-host * --log-format json --set akka.loglevel=INFO --set actorpeer.connection.idle-timeout=5s --quiet")]
    [InlineData("load one:1 [::1]:2 three --bots 20000 --rooms 10 --rate 0.5 --seconds 3 --size 28 --mix 0,100,0 --books file --json")]
    [InlineData("join [::1]:7777 --name game")]
    [InlineData("join example.org")]
    [InlineData("demo --clients 64 --duration 0.1 --json --port 65535 --seed -5 --rate 5000")]
    [InlineData("demo")]
    public void A_right_command_line_is_accepted(string line) =>
        Assert.Empty(NodeProgram.CreateRoot().Parse(line.Split(' ')).Errors);

    [Fact]
    public void An_application_name_of_any_characters_reaches_the_settings_whole()
    {
        const string Name = "my \"game\" \\ {x} = # ü";

        Assert.Equal(Name, NodeSettings.For(Name).GetString("actorpeer.application"));
    }

    private static (int Code, string Output, string Error) Run(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = NodeProgram.Run(args, output, error);
        return (code, output.ToString(), error.ToString());
    }
}
