using System.Reflection;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Wire;

/// <summary>The rooms of the house, and which of them may know which.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Sockets = ["System.Net.Sockets", "System.Net.NameResolution", "System.Net.Http", "System.Net.Quic", "System.Net.Requests", "System.Net.Ping", "System.Net.Security", "System.Net.WebSockets"];
    private static readonly string[] Clocks = ["DateTime.UtcNow", "DateTime.Now", "DateTimeOffset.UtcNow", "DateTimeOffset.Now", "Stopwatch", "Environment.TickCount", "TimeProvider.System", "Random.Shared", "new Random(", "RandomNumberGenerator", "Thread.Sleep", "Task.Delay"];

    [Fact]
    public void Akka_IO_is_known_to_the_transport_alone()
    {
        var strangers = SourceFiles.Of("Peer.Protocol", "Peer.Actors", "Peer.Node")
            .Where(source => !source.Name.StartsWith("Peer.Actors/Transport/", StringComparison.Ordinal) && Code(source.Text).Contains("Akka.IO", StringComparison.Ordinal))
            .Select(source => source.Name);
        Assert.Empty(strangers);
        Assert.Contains(SourceFiles.Of("Peer.Actors/Transport"), source => source.Text.Contains("Akka.IO", StringComparison.Ordinal));
    }

    [Fact]
    public void The_protocol_knows_neither_actors_nor_sockets()
    {
        var known = References(typeof(DisconnectInfo).Assembly);
        Assert.DoesNotContain(known, name => name.StartsWith("Akka", StringComparison.Ordinal) || Sockets.Contains(name));
        Assert.Contains("MessagePack", known);
    }

    [Fact]
    public void The_protocol_knows_neither_clock_nor_chance()
    {
        var sources = SourceFiles.Of("Peer.Protocol");
        Assert.InRange(sources.Count, 80, 1_000);
        var seen = sources.SelectMany(source => Clocks.Where(word => source.Text.Contains(word, StringComparison.Ordinal)).Select(word => $"{source.Name}: {word}"));
        Assert.Empty(seen);
    }

    [Fact]
    public void Arrows_point_down()
    {
        var protocol = References(typeof(DisconnectInfo).Assembly);
        var actors = References(typeof(PeerManager).Assembly);
        Assert.DoesNotContain(protocol, name => name.StartsWith("Peer.", StringComparison.Ordinal));
        Assert.Equal(["Peer.Protocol"], actors.Where(name => name.StartsWith("Peer.", StringComparison.Ordinal)));
        Assert.DoesNotContain("Peer.Tests", References(Assembly.Load("Peer.Node")));
    }

    private static string[] References(Assembly assembly) => [.. assembly.GetReferencedAssemblies().Select(name => name.Name!)];

    /// <summary>Without comments, which may name anything.</summary>
    private static string Code(string text) => string.Join('\n', text.Split('\n').Where(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal)));
}
