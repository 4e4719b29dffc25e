using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Peer.Actors;
using Peer.Actors.Telemetry;
using Peer.Node.Configuration;
using Peer.Node.Http;
using Peer.Node.Logging;
using Peer.Node.Status;

namespace Peer.Node;

/// <summary>The life of a node: its actor system, and its web server where one is wanted. Signals are the command's business.</summary>
internal sealed class NodeHost : IDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly IHost _host;

    private NodeHost(IHost host)
    {
        _host = host;
        System = host.Services.GetRequiredService<ActorSystem>();
        HttpAddress = host is WebApplication app ? app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() : null;
    }

    public ActorSystem System { get; }

    /// <summary>Where the web server is; null without one.</summary>
    public string? HttpAddress { get; }

    /// <summary>Starts a node.</summary>
    /// <param name="options">How.</param>
    /// <param name="view">What the web server shows.</param>
    /// <param name="akka">What else its actor system gets; null for nothing.</param>
    /// <exception cref="ConfigurationException">A setting is not legal; the message names the key.</exception>
    /// <exception cref="IOException">The port of the web server is taken, or not ours to take.</exception>
    public static NodeHost Start(NodeOptions options, INodeView view, Action<AkkaConfigurationBuilder>? akka = null)
    {
        var host = options.HttpPort is { } port ? BuildWeb(options, port, view, akka) : Build(options, akka);
        try
        {
            host.StartAsync().GetAwaiter().GetResult();
            var node = new NodeHost(host);
            ActorPeer.Get(node.System);
            return node;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>Ends it in good order: what coordinated shutdown has to do is done when this returns.</summary>
    public void Dispose()
    {
        using var patience = new CancellationTokenSource(StopTimeout);
        try
        {
            _host.StopAsync(patience.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            // It has had its time; the process ends.
        }

        _host.Dispose();
    }

    private static IHost Build(NodeOptions options, Action<AkkaConfigurationBuilder>? akka)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        AddAll(builder, options, akka);
        return builder.Build();
    }

    private static WebApplication BuildWeb(NodeOptions options, int port, INodeView view, Action<AkkaConfigurationBuilder>? akka)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        AddAll(builder, options, akka);
        builder.Services.AddRoutingCore();
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(options.Application, autoGenerateServiceInstanceId: false))
            .WithMetrics(metrics => metrics.AddMeter(PeerTelemetry.MeterName, "System.Runtime").AddPrometheusExporter());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Limit(kestrel, options.HttpHost, port));
        var app = builder.Build();
        NodeHttp.Map(app, view, options.Application, IsLocal(options.HttpHost), TimeProvider.System);
        return app;
    }

    private static void AddAll(IHostApplicationBuilder builder, NodeOptions options, Action<AkkaConfigurationBuilder>? akka)
    {
        builder.Logging.ClearProviders();
        builder.Logging.AddProvider(new HostLog(options.LogsJson));
        builder.Services.AddSingleton<IHostLifetime>(CommandLifetime.Instance);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTimeout);
        builder.Services.AddAkka("actorpeer", configuration =>
        {
            configuration.AddHocon(WithLogger(options), HoconAddMode.Replace);
            akka?.Invoke(configuration);
        });
    }

    private static Config WithLogger(NodeOptions options)
    {
        var logger = options.LogsJson ? StandardErrorLogger.NameOf<JsonErrorLogger>() : StandardErrorLogger.NameOf<StandardErrorLogger>();
        return ConfigurationFactory.ParseString($"akka.loggers = [{NodeSettings.Quote(logger)}]").WithFallback(options.Config);
    }

    /// <summary>It answers a supervisor, a collector and a few people; whoever wants more of it does not mean well.</summary>
    private static void Limit(KestrelServerOptions kestrel, string host, int port)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = 128;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 << 10;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        if (host == "*")
            kestrel.ListenAnyIP(port);
        else
            kestrel.Listen(AddressOf(host), port);
    }

    private static bool IsLocal(string host) => host != "*" && IPAddress.IsLoopback(AddressOf(host));

    private static IPAddress AddressOf(string host) => host == "localhost" ? IPAddress.Loopback : IPAddress.Parse(host);

    /// <summary>The commands listen to signals themselves: the first lets clients hear of it, the second ends the process.</summary>
    private sealed class CommandLifetime : IHostLifetime
    {
        public static CommandLifetime Instance { get; } = new();

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
