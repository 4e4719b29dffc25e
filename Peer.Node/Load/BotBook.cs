namespace Peer.Node.Load;

/// <summary>Everything that a bot did and heard. Its bot alone writes it; it is read when that has ended.</summary>
internal sealed class BotBook
{
    private const int MostEvents = 1_000;

    private readonly Dictionary<(int From, int Life), HeardStream> _heard = [];
    private readonly Dictionary<(int From, int Life), long> _newestOrdered = [];

    public int Bot { get; init; }

    public string Room { get; init; } = "";

    /// <summary>Peer IDs that it had, in their order.</summary>
    public List<int> Ids { get; set; } = [];

    /// <summary>What befell it.</summary>
    public List<BotEvent> Events { get; set; } = [];

    /// <summary>Reliable messages that it sent, of each of its lives.</summary>
    public List<long> SentReliable { get; set; } = [0];

    /// <summary>Numbers of reliable messages that its own queue refused: it never sent them.</summary>
    public List<long[]> Refused { get; set; } = [];

    public long SentOrdered { get; set; }

    public long SentUnreliable { get; set; }

    public long HeardOrdered { get; set; }

    /// <summary>Unreliable ordered messages that came after a later one.</summary>
    public long LateOrdered { get; set; }

    public long HeardUnreliable { get; set; }

    /// <summary>Packets that no bot wrote.</summary>
    public long Strange { get; set; }

    /// <summary>What it heard of others.</summary>
    public List<HeardStream> Heard
    {
        get => [.. _heard.Values.OrderBy(stream => (stream.From, stream.Life))];
        set
        {
            foreach (var stream in value)
                _heard[(stream.From, stream.Life)] = stream;
        }
    }

    /// <summary>Its life: how often it had to connect anew.</summary>
    public int Life => SentReliable.Count - 1;

    public void Note(long unixMs, string what, int id = 0, string why = "")
    {
        if (Events.Count < MostEvents)
            Events.Add(new BotEvent(unixMs, what, id, why));
    }

    public void HearReliable(in BotMessage message)
    {
        if (!_heard.TryGetValue((message.Bot, message.Life), out var stream))
            _heard.Add((message.Bot, message.Life), stream = new HeardStream { From = message.Bot, Life = message.Life });
        stream.Hear(message.Number);
    }

    public void HearOrdered(in BotMessage message)
    {
        HeardOrdered++;
        var key = (message.Bot, message.Life);
        if (_newestOrdered.GetValueOrDefault(key) >= message.Number)
            LateOrdered++;
        else
            _newestOrdered[key] = message.Number;
    }

    /// <summary>Events of a kind.</summary>
    public IEnumerable<BotEvent> Of(string what) => Events.Where(happened => happened.What == what);
}

/// <summary>Something that befell a bot.</summary>
/// <param name="At">Milliseconds since 1970.</param>
/// <param name="What">connected, interrupted, resumed, restarted (its server failed and another took its place), failed, lost, left (another one), joined (another one).</param>
/// <param name="Id">Whose peer ID.</param>
/// <param name="Why">In words.</param>
internal sealed record BotEvent(long At, string What, int Id, string Why);
