using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Peer.Actors;
using Peer.Node.Status;

namespace Peer.Tests.Node;

/// <summary>A node that is watched: health, metrics, status, logs, and how it ends.</summary>
[Trait("Category", "Process")]
public sealed class NodeHttpTests : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(90) };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_node_with_HTTP_says_that_it_is_well_and_what_it_measures()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--http", "0", "--name", "watched");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        var address = server.Expect("HTTP on").Split(' ')[2];
        Assert.StartsWith("http://127.0.0.1:", address, StringComparison.Ordinal);
        using var ann = new ProgramProcess("join", $"127.0.0.1:{port}", "--name", "watched");
        var id = ann.Expect("connected to").Split(' ')[^1];
        ann.Type("hello");
        server.Expect($"{id}: hello");

        Assert.Equal("ok\n", await _http.GetStringAsync($"{address}/health/live"));
        Assert.Equal("ok\n", await _http.GetStringAsync($"{address}/health/ready"));

        var metrics = await _http.GetStringAsync($"{address}/metrics");
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("actorpeer_connections{", StringComparison.Ordinal) && line.Contains("wire=\"native\"", StringComparison.Ordinal) && line.Contains("} 1", StringComparison.Ordinal));
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("actorpeer_messages_total{", StringComparison.Ordinal) && line.Contains("\"receive\"} 1", StringComparison.Ordinal));
        Assert.Contains("actorpeer_application=\"watched\"", metrics, StringComparison.Ordinal);
        Assert.Contains("actorpeer_io_bytes_total", metrics, StringComparison.Ordinal);
        Assert.Contains("dotnet_gc_", metrics, StringComparison.Ordinal);

        using var status = JsonDocument.Parse(await _http.GetStringAsync($"{address}/api/status"));
        var root = status.RootElement;
        Assert.Equal(("watched", "ready"), (root.GetProperty("application").GetString(), root.GetProperty("state").GetString()));
        Assert.Equal(1, root.GetProperty("totals").GetProperty("connections").GetInt32());
        Assert.Equal(1, root.GetProperty("members").GetArrayLength());

        using var page = await _http.GetAsync(address);
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("://", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync($"{address}/../appsettings.json")).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await _http.PostAsync($"{address}/api/status", null)).StatusCode);

        using var misdirected = new HttpRequestMessage(HttpMethod.Get, $"{address}/api/status") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await _http.SendAsync(misdirected)).StatusCode);

        server.Signal("TERM");
        var (code, output, error) = server.End();
        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith("stopping\n", output[..(output.IndexOf("stopping", StringComparison.Ordinal) + 9)], StringComparison.Ordinal);
        ann.ExpectError("the server has gone");
    }

    [Fact]
    public void Without_HTTP_nothing_listens_on_TCP()
    {
        // A number that no listener of another test gets by chance, nor the caller itself.
        var port = FreePorts.Next();
        using var server = new ProgramProcess("serve", "--port", $"{port}", "--bind", "127.0.0.1");
        server.Expect("listening on port");
        using var socket = new TcpClient();
        Assert.Throws<SocketException>(() => socket.Connect(IPAddress.Loopback, port));
        server.Signal("TERM");
        Assert.Equal(0, server.End().Code);
    }

    [Fact]
    public void A_taken_port_for_HTTP_is_one_line_with_the_cause_and_exit_code_1()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--http", $"{port}");

        var (code, output, error) = server.End();

        Assert.Equal((1, ""), (code, output));
        Assert.Contains($"{port}", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_is_not_legal_is_one_line_that_names_it_and_exit_code_2()
    {
        foreach (var (key, value) in (ReadOnlySpan<(string, string)>)[("actorpeer.connection.idle-timeout", "soon"), ("actorpeer.server.max-peerz", "1")])
        {
            using var server = new ProgramProcess("serve", "--port", "0", "--set", $"{key}={value}");
            var (code, output, error) = server.End();
            Assert.Equal((2, ""), (code, output));
            Assert.Contains(key, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_JSON_log_is_one_object_a_line_for_everything_that_happens()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--log-format", "json");
        using var listening = JsonDocument.Parse(server.Expect("\"listening\""));
        var port = listening.RootElement.GetProperty("port").GetInt32();
        using var ann = new ProgramProcess("join", $"127.0.0.1:{port}");
        ann.Type("a \"quoted\" ü");
        ann.EndInput();
        Assert.Equal(0, ann.End().Code);
        server.Expect("\"left\"");
        server.Signal("TERM");
        var (code, output, error) = server.End();

        Assert.Equal((0, ""), (code, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(["listening", "joined", "said", "left", "stopping"], lines.Select(line => line.GetProperty("event").GetString()));
        Assert.All(lines, line => Assert.Equal("info", line.GetProperty("level").GetString()));
        Assert.All(lines, line => Assert.True(line.GetProperty("time").GetDateTimeOffset() > DateTimeOffset.UnixEpoch));
        Assert.Equal("a \"quoted\" ü", lines[2].GetProperty("message").GetString());
        Assert.Equal("Closed", lines[3].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_loop_that_hangs_is_an_illness_and_a_node_that_stops_is_not_ready()
    {
        var time = new Facade.ManualTime();
        var node = new SingleNode(time);
        Assert.Equal(NodeState.Starting, node.State);
        using var peer = new ActorMultiplayerPeer();
        node.Turn(peer, [], "here:1");
        Assert.Null(node.Illness);
        time.Advance(SingleNode.Patience + TimeSpan.FromSeconds(1));
        Assert.Contains("has not turned", node.Illness, StringComparison.Ordinal);
        node.Turn(peer, [], "here:1");
        Assert.Null(node.Illness);
        Assert.Equal("here:1", Assert.Single((await node.ReadAsync(CancellationToken.None)).Members).Address);
    }
}
