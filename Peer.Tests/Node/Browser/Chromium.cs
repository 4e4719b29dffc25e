using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Peer.Tests.Node.Browser;

/// <summary>A headless Chromium with one page, driven through its DevTools protocol.</summary>
internal sealed class Chromium : IDisposable
{
    public const string Remedy = "apt-get update && apt-get install -y chromium";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    private readonly string _home = Directory.CreateTempSubdirectory("chromium").FullName;
    private readonly Process _process;
    private readonly ClientWebSocket _socket = new();
    private int _calls;

    public Chromium(int width, int height, bool dark)
    {
        // Nothing but the page: no sandbox, since tests may run as root in a container; no talk with anybody else.
        _process = Process.Start(new ProcessStartInfo(Program!, [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-proxy-server", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={_home}", "about:blank"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Open();
        Call("Page.enable");
        Call("Log.enable");
        Call("Runtime.enable");
        Call("Network.enable");
        Call("Emulation.setDeviceMetricsOverride", new JsonObject { ["width"] = width, ["height"] = height, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        Call("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray { new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" } },
        });
    }

    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists);

    /// <summary>What the page complained about, refusals by its content security policy among them.</summary>
    public List<string> Complaints { get; } = [];

    /// <summary>Every address that it asked for.</summary>
    public List<string> Requests { get; } = [];

    public void Go(string address) => Call("Page.navigate", new JsonObject { ["url"] = address });

    /// <summary>The value of an expression in the page.</summary>
    public JsonNode? Evaluate(string expression) =>
        Call("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true })["result"]!["value"];

    /// <summary>Waits until an expression in the page is true.</summary>
    public void Until(string expression)
    {
        var waited = Stopwatch.StartNew();
        while (Evaluate($"Boolean({expression})") is not { } value || !value.GetValue<bool>())
        {
            Assert.True(waited.Elapsed < Patience, $"never true: {expression}\n{Evaluate("document.body.innerText")}\n{string.Join('\n', Complaints)}");
            Thread.Yield();
        }
    }

    /// <summary>The whole page as PNG.</summary>
    public byte[] Picture()
    {
        var size = Call("Page.getLayoutMetrics")["cssContentSize"]!;
        var clip = new JsonObject { ["x"] = 0, ["y"] = 0, ["width"] = size["width"]!.GetValue<double>(), ["height"] = size["height"]!.GetValue<double>(), ["scale"] = 1 };
        return Convert.FromBase64String(Call("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["clip"] = clip, ["captureBeyondViewport"] = true })["data"]!.GetValue<string>());
    }

    public void Dispose()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit(10_000);
        _process.Dispose();
        try
        {
            Directory.Delete(_home, recursive: true);
        }
        catch (IOException)
        {
            // A process that has just been killed may still hold a file; it is a directory of temporary files.
        }
    }

    private void Open()
    {
        var file = Path.Combine(_home, "DevToolsActivePort");
        var waited = Stopwatch.StartNew();
        string[] lines = [];
        while (lines.Length < 2)
        {
            Assert.True(waited.Elapsed < Patience && !_process.HasExited, "Chromium does not listen");
            lines = File.Exists(file) ? File.ReadAllLines(file) : [];
            Thread.Yield();
        }

        using var http = new HttpClient();
        var pages = JsonNode.Parse(http.GetStringAsync($"http://127.0.0.1:{lines[0]}/json/list").GetAwaiter().GetResult())!.AsArray();
        var page = pages.First(one => one!["type"]!.GetValue<string>() == "page")!["webSocketDebuggerUrl"]!.GetValue<string>();
        _socket.ConnectAsync(new Uri(page), CancellationToken.None).GetAwaiter().GetResult();
    }

    private JsonNode Call(string method, JsonObject? parameters = null)
    {
        using var patience = new CancellationTokenSource(Patience);
        var id = ++_calls;
        var call = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] });
        _socket.SendAsync(call, WebSocketMessageType.Text, true, patience.Token).GetAwaiter().GetResult();
        while (true)
        {
            var message = Receive(patience.Token);
            if (message["id"]?.GetValue<int>() == id)
                return message["result"] ?? throw new InvalidOperationException($"{method}: {message}");
            Note(message);
        }
    }

    private void Note(JsonNode message)
    {
        switch (message["method"]?.GetValue<string>())
        {
            case "Network.requestWillBeSent":
                Requests.Add(message["params"]!["request"]!["url"]!.GetValue<string>());
                break;
            case "Log.entryAdded":
                Complaints.Add(message["params"]!["entry"]!["text"]!.GetValue<string>());
                break;
            case "Runtime.exceptionThrown":
                Complaints.Add(message["params"]!["exceptionDetails"]!.ToJsonString());
                break;
        }
    }

    private JsonNode Receive(CancellationToken patience)
    {
        using var whole = new MemoryStream();
        var part = new byte[64 << 10];
        WebSocketReceiveResult result;
        do
        {
            result = _socket.ReceiveAsync(part, patience).GetAwaiter().GetResult();
            whole.Write(part, 0, result.Count);
        }
        while (!result.EndOfMessage);
        return JsonNode.Parse(whole.ToArray())!;
    }
}

/// <summary>A fact about a machine that has Chromium; elsewhere the run says what to install.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Chromium.Program is null)
            Skip = $"there is no chromium on the PATH; {Chromium.Remedy}";
    }
}
