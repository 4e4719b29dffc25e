using System.Text.Json;
using System.Text.Json.Serialization;

namespace Peer.Lab.Soak;

/// <summary>How a stream stands at one of its ends.</summary>
internal enum StreamState
{
    /// <summary>Both ends are there.</summary>
    Open,

    /// <summary>It ended in good order: everything that was sent must have arrived.</summary>
    Closed,

    /// <summary>An end has died, or was lost: what arrived is a beginning of what was sent.</summary>
    Severed,
}

/// <summary>A line of a child.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Entry), "entry")]
[JsonDerivedType(typeof(Fault), "fault")]
[JsonDerivedType(typeof(Sample), "sample")]
[JsonDerivedType(typeof(Told), "told")]
internal abstract record SoakLine
{
    /// <summary>It has begun, a server on this port.</summary>
    internal sealed record Ready(int Port) : SoakLine;

    /// <summary>How a stream stands at this end: its sender's, or its receiver's.</summary>
    internal sealed record Entry(ulong Stream, bool IsSender, long Count, StreamState State) : SoakLine;

    /// <summary>A law was broken, as this end saw it.</summary>
    internal sealed record Fault(string What) : SoakLine;

    /// <summary>What it uses, and what it has done so far.</summary>
    internal sealed record Sample(long Heap, long Resident, int Handles, int Threads, double Cpu, long Sent, long Received, int Peers) : SoakLine;

    /// <summary>All entries that were asked for have been told.</summary>
    internal sealed record Told : SoakLine;

    public static string Write(SoakLine line) => JsonSerializer.Serialize(line);

    /// <summary>Null when it is none.</summary>
    public static SoakLine? Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<SoakLine>(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Words of the judge to a child, the first of a line.</summary>
internal static class SoakWord
{
    /// <summary><c>leave n</c>: client n leaves and joins again.</summary>
    public const string Leave = "leave";

    /// <summary>No new messages from here on, and nobody leaves or joins.</summary>
    public const string Stop = "stop";

    /// <summary>All streams, as they stand.</summary>
    public const string Tell = "tell";

    /// <summary>What is used.</summary>
    public const string Sample = "sample";

    /// <summary><c>flood port rate seconds</c>.</summary>
    public const string Flood = "flood";
}
