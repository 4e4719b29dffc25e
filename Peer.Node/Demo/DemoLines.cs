using System.Text.Json.Serialization;

namespace Peer.Node.Demo;

/// <summary>What a child writes to its standard output, one JSON object a line.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Listening), "listening")]
[JsonDerivedType(typeof(Ready), "ready")]
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(Settled), "settled")]
[JsonDerivedType(typeof(FinalReport), "report")]
[JsonDerivedType(typeof(Left), "left")]
[JsonDerivedType(typeof(Failed), "failed")]
internal abstract record ChildLine
{
    /// <summary>The server's port.</summary>
    public sealed record Listening(int Port) : ChildLine;

    /// <summary>It knows everybody else.</summary>
    public sealed record Ready(int Id) : ChildLine;

    /// <summary>Figures since the start; bytes are those of datagrams, round trip (ms) and loss (0 .. 1) are smoothed.</summary>
    public sealed record Progress(int Id, int Known, double ElapsedS, double RttMs, double Loss, long MessagesIn, long MessagesOut, long BytesIn, long BytesOut, string Waiting) : ChildLine;

    /// <summary>It has stopped sending, and everything reliable has arrived.</summary>
    public sealed record Settled : ChildLine;

    /// <summary>Its ledgers, echo times, packets that were not what was sent, and peers that left too early.</summary>
    public sealed record FinalReport(PeerLedger Ledger, IReadOnlyList<long> RttUs, int Corrupted, string FirstCorruption, IReadOnlyList<Departure> Departures) : ChildLine;

    /// <summary>It has left; all departures that it saw, and its processor time.</summary>
    public sealed record Left(double CpuS, IReadOnlyList<Departure> Departures) : ChildLine;

    /// <summary>It cannot go on.</summary>
    public sealed record Failed(string Why) : ChildLine;
}

/// <summary>Somebody left, and why.</summary>
internal sealed record Departure(int Id, string Reason);

/// <summary>What the parent writes to a child's standard input, one word a line. The end of the input means that the parent has gone.</summary>
internal enum ParentWord
{
    /// <summary>Begin to send.</summary>
    Go,

    /// <summary>Stop sending, tell the others how much there was, and wait for theirs.</summary>
    Stop,

    /// <summary>Tell the ledgers.</summary>
    Report,

    /// <summary>Leave gracefully and end.</summary>
    Leave,
}

/// <summary>A line of the parent.</summary>
internal sealed record ParentLine(ParentWord Word);

/// <summary>The JSON of both directions, generated at build time: reflection would cost every child a tenth of a second.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ChildLine))]
[JsonSerializable(typeof(ParentLine))]
internal sealed partial class DemoJson : JsonSerializerContext;
