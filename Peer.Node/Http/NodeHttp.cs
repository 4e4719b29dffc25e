using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Peer.Actors.Telemetry;
using Peer.Node.Status;

namespace Peer.Node.Http;

/// <summary>What a node answers over HTTP: how it is, in the words of a supervisor, of Prometheus, of a program and of a page. It is asked, and never told.</summary>
internal static class NodeHttp
{
    // The page is made of its own three files: nothing from elsewhere, nothing inline, no frame around it.
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static void Map(WebApplication app, INodeView view, string application, bool isLocal, TimeProvider time)
    {
        var began = time.GetTimestamp();
        app.Use((context, next) => Guard(context, next, isLocal));
        app.MapGet("/health/live", () => Health(view.Illness));
        app.MapGet("/health/ready", () => Health(view.Illness ?? (view.State == NodeState.Ready ? null : NameOf(view.State))));
        app.MapGet("/api/status", async (CancellationToken gone) => Results.Json(Status(view, await view.ReadAsync(gone), application, time.GetElapsedTime(began)), Json));
        app.MapPrometheusScrapingEndpoint("/metrics");
        foreach (var (path, file, type) in (ReadOnlySpan<(string, string, string)>)
            [("/", "index.html", "text/html"), ("/page.css", "page.css", "text/css"), ("/page.js", "page.js", "text/javascript"), ("/icon.svg", "icon.svg", "image/svg+xml")])
        {
            var content = PageFiles.Read(file);
            app.MapGet(path, () => Results.Bytes(content, $"{type}; charset=utf-8"));
        }
    }

    private static NodeStatus Status(INodeView view, NodeReading reading, string application, TimeSpan uptime) => new(
        application,
        typeof(NodeHttp).Assembly.GetName().Version!.ToString(3),
        NameOf(view.State),
        Math.Round(uptime.TotalSeconds, 1),
        reading.Members,
        reading.Rooms,
        reading.Peers,
        PeerTelemetry.Totals());

    private static IResult Health(string? illness) => Results.Text($"{illness ?? "ok"}\n", statusCode: illness is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);

    private static string NameOf(NodeState state) => $"{state}".ToLowerInvariant();

    private static Task Guard(HttpContext context, RequestDelegate next, bool isLocal)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";

        // A page of somebody else's, whose name suddenly means this machine, would read what only this machine should.
        if (!isLocal || IsLocalName(context.Request.Host.Host))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status421MisdirectedRequest;
        return context.Response.WriteAsync("this address answers to its own name alone\n");
    }

    private static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
