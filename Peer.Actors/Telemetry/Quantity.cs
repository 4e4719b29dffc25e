namespace Peer.Actors.Telemetry;

/// <summary>One instrument: what it is called, and where its numbers stand in a book.</summary>
internal sealed record Quantity(string Name, string Unit, string Description)
{
    /// <summary>The tag that tells its series apart; null where there is one alone.</summary>
    public string? Tag { get; init; }

    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>Whether series without anything in them are left out: there are many, and most never happen.</summary>
    public bool IsSparse { get; init; }
}

/// <summary>One number of a book.</summary>
/// <param name="Value">Of the tag that tells the series of an instrument apart.</param>
/// <param name="Read">Reads it; from any thread.</param>
internal sealed record Series(string Value, Func<ManagerBook, long> Read)
{
    /// <summary>Where what ended managers had counted is kept; -1 for what is only now.</summary>
    public int Place { get; set; } = -1;

    public KeyValuePair<string, object?>[] TagsOf(string? tag, BookGroup group)
    {
        KeyValuePair<string, object?>[] whose = [new(Tags.Application, group.Application), new(Tags.Role, group.Role)];
        return tag is null ? whose : [.. whose, new(tag, Value)];
    }
}
