using System.Text.Json;
using System.Text.Json.Serialization;

namespace Peer.Lab.Scale;

/// <summary>A line of a child.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Sample), "sample")]
[JsonDerivedType(typeof(Fault), "fault")]
internal abstract record ScaleLine
{
    /// <summary>It has begun: a node with its address in the cluster and its door.</summary>
    internal sealed record Ready(string Address, string Door) : ScaleLine;

    /// <summary>What was asked for has happened so many times.</summary>
    internal sealed record Done(int Count) : ScaleLine;

    /// <summary>What it uses after a collection, and has. Peers are players in the rooms of a node, or connected players of a crowd.</summary>
    internal sealed record Sample(long Heap, long Resident, int Handles, double Cpu, int Rooms, int Peers, long Heard, int Lost) : ScaleLine;

    internal sealed record Fault(string What) : ScaleLine;

    public static string Write(ScaleLine line) => JsonSerializer.Serialize(line);

    /// <summary>Null when it is none.</summary>
    public static ScaleLine? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<ScaleLine>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Words to a child, the first of a line.</summary>
internal static class ScaleWord
{
    /// <summary><c>open from to</c>: a node asks for these rooms.</summary>
    public const string Open = "open";

    /// <summary><c>join from to</c>: a crowd's players of these numbers join.</summary>
    public const string Join = "join";

    /// <summary><c>talk rate</c>: so many messages a second, of each player to its room.</summary>
    public const string Talk = "talk";

    /// <summary>A node leaves the cluster, as on SIGTERM.</summary>
    public const string Leave = "leave";

    public const string Sample = "sample";
}
