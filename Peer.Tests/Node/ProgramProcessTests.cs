using System.Text.Json;

namespace Peer.Tests.Node;

/// <summary>The program as its users run it: processes, pipes, signals and real UDP.</summary>
[Trait("Category", "Process")]
public sealed class ProgramProcessTests
{
    private static readonly TimeSpan DemoPatience = TimeSpan.FromSeconds(180);

    [Fact]
    public void A_demo_of_three_clients_keeps_every_promise_and_prints_one_JSON_object()
    {
        using var demo = new ProgramProcess("demo", "--clients", "3", "--duration", "1", "--rate", "30", "--json");

        var (code, output, error) = demo.End(DemoPatience);

        Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal(3, root.GetProperty("clients").GetInt32());
        Assert.True(root.GetProperty("ok").GetBoolean());
        Assert.True(root.GetProperty("rtt_us").GetProperty("p50").GetInt64() > 0);
        Assert.True(root.GetProperty("cpu_s").GetDouble() > 0);
        foreach (var mode in root.GetProperty("modes").EnumerateObject())
        {
            Assert.True(mode.Value.GetProperty("sent").GetInt64() > 0);
            Assert.Equal(0, mode.Value.GetProperty("duplicated").GetInt64());
            Assert.Equal(mode.Value.GetProperty("sent").GetInt64() - mode.Value.GetProperty("received").GetInt64(), mode.Value.GetProperty("missing").GetInt64());
        }

        var reliable = root.GetProperty("modes").GetProperty("reliable");
        Assert.Equal((0, 0), (reliable.GetProperty("missing").GetInt32(), reliable.GetProperty("out_of_order").GetInt32()));
        Assert.Equal(0, root.GetProperty("modes").GetProperty("unreliable_ordered").GetProperty("out_of_order").GetInt32());
    }

    [Fact]
    public void An_interrupted_demo_ends_soon_with_its_report_and_exit_code_1()
    {
        using var demo = new ProgramProcess("demo", "--clients", "1", "--duration", "60", "--rate", "10", "--port", "0");
        demo.Expect("sending:");

        demo.Signal("INT");
        var (code, output, error) = demo.End();

        Assert.Equal(1, code);
        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        Assert.Contains("unreliable_ordered", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_clients_talk_through_a_server_and_all_leave_cleanly()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--name", "talk");
        var port = PortOf(server);
        using var ann = new ProgramProcess("join", $"127.0.0.1:{port}", "--name", "talk");
        var annId = ann.Expect("connected to").Split(' ')[^1];
        using var bob = new ProgramProcess("join", $"127.0.0.1:{port}", "--name", "talk");
        var bobId = bob.Expect("connected to").Split(' ')[^1];
        ann.Expect($"{bobId} joined");
        bob.Expect($"{annId} joined");

        ann.Type("hello all");
        server.Expect($"{annId}: hello all");
        bob.Expect($"{annId}: hello all");
        bob.Type($"/to {annId} psst");
        ann.Expect($"{bobId}: psst");
        server.Type("welcome");
        ann.Expect("server: welcome");
        bob.Expect("server: welcome");

        bob.Signal("INT");
        Assert.Equal(0, bob.End().Code);
        ann.Expect($"{bobId} left (Closed)");
        server.Expect($"{bobId} left (Closed)");

        server.Signal("TERM");
        var (serverCode, serverOutput, serverError) = server.End();
        Assert.Equal((0, ""), (serverCode, serverError));
        Assert.DoesNotContain("psst", serverOutput, StringComparison.Ordinal);
        var (annCode, _, annError) = ann.End();
        Assert.Equal((1, "the server has gone: Closed\n"), (annCode, annError));
    }

    [Fact]
    public void A_pipe_into_join_is_delivered_before_it_leaves()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1");
        using var client = new ProgramProcess("join", $"127.0.0.1:{PortOf(server)}");
        for (var line = 1; line <= 500; line++)
            client.Type($"line {line} of 500");
        client.EndInput();

        Assert.Equal((0, ""), (client.End().Code, client.End().Error));
        server.Expect("left (Closed)");
        server.Signal("INT");
        var (code, output, _) = server.End();

        Assert.Equal(0, code);
        Assert.Equal(Enumerable.Range(1, 500).Select(line => $"line {line} of 500"), output.Split('\n').Where(line => line.Contains(" of 500", StringComparison.Ordinal)).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [Fact]
    public void A_taken_port_is_one_line_with_the_cause_and_exit_code_1()
    {
        using var first = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1");
        var port = PortOf(first);
        using var second = new ProgramProcess("serve", "--port", port, "--bind", "127.0.0.1");

        var (code, output, error) = second.End();

        Assert.Equal((1, ""), (code, output));
        var line = Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(port, line, StringComparison.Ordinal);
        Assert.Contains("taken", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_client_of_another_application_is_told_so()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--name", "one");
        using var client = new ProgramProcess("join", $"127.0.0.1:{PortOf(server)}", "--name", "other");

        var (code, _, error) = client.End();

        Assert.Equal(1, code);
        Assert.Contains("cannot connect", error, StringComparison.Ordinal);
        Assert.Contains("Version", error, StringComparison.Ordinal);
    }

    private static string PortOf(ProgramProcess server) => server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
}
