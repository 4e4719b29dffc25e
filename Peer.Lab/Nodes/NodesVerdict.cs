using Peer.Node.Load;

namespace Peer.Lab.Nodes;

/// <summary>What the bots' books say of what was done to the nodes.</summary>
internal sealed class NodesVerdict
{
    private readonly List<string> _problems = [];

    public NodesVerdict(NodesPlan plan, NodesEvidence evidence, IReadOnlyList<BotBook> books)
    {
        Books = books;
        var limit = plan.ReturnLimit.TotalMilliseconds;
        Died = books.Where(book => book.Of("restarted").Any()).Select(book => book.Room).ToHashSet();
        Ledger = LedgerCheck.Of(books, Died.Contains);
        Returns = [.. books.SelectMany(book => book.Of("restarted").Select(back => back.At - evidence.Killed)).Order()];
        _problems.AddRange(Ledger.Problems);
        if (books.Count != plan.Bots)
            _problems.Add($"{books.Count} of {plan.Bots} bots handed in a book");
        if (evidence.DrainExit != 0)
            _problems.Add($"the drained node ended with exit code {evidence.DrainExit}");
        if (evidence.LastExits.Any(code => code != 0))
            _problems.Add($"nodes ended with exit codes {string.Join(", ", evidence.LastExits)}");
        foreach (var book in books)
            CheckOf(book, evidence);
        if (evidence.RoomsOfDrained.Count == 0 || evidence.RoomsOfKilled.Count == 0)
            _problems.Add("the drained or the killed node had no rooms: nothing was shown");
        if (Returns.Count == 0)
            _problems.Add("nobody lost a server with the killed node: nothing was shown");
        if (Returns.Count > 0 && Returns[^1] > limit)
            _problems.Add($"{Returns.Count(after => after > limit)} bots were back only after more than {limit / 1000:0} s, the last after {Returns[^1] / 1000.0:0.0} s");
        foreach (var room in books.Where(book => IsAway(book) || IsLeftBehind(book, evidence)).GroupBy(book => book.Room))
            _problems.Add($"{room.Count()} bots of {room.Key} did not come back");
    }

    public IReadOnlyList<BotBook> Books { get; }

    public LedgerCheck Ledger { get; }

    /// <summary>Rooms whose server died.</summary>
    public HashSet<string> Died { get; }

    /// <summary>Milliseconds from the kill until a bot was back, for each that had to come back, in their order.</summary>
    public IReadOnlyList<long> Returns { get; }

    public IReadOnlyList<string> Problems => _problems;

    public bool IsOk => _problems.Count == 0;

    /// <summary>Bots of one room after the kill heard so many messages less than were sent: what dies with a node.</summary>
    public long LostInDeadRooms => Ledger.Missing;

    /// <summary>The last that it knew of its server was that nothing came.</summary>
    private static bool IsAway(BotBook book) =>
        book.Events.LastOrDefault(happened => happened.What is "connected" or "interrupted" or "resumed" or "restarted") is { What: "interrupted" };

    /// <summary>
    /// Others of its room came back from the killed node, and it did not. Where nobody had to, the room had gone to another node after it was listed: the ledger forgives such a room nothing.
    /// </summary>
    private bool IsLeftBehind(BotBook book, NodesEvidence evidence) =>
        Died.Contains(book.Room) && evidence.RoomsOfKilled.Contains(book.Room) && !book.Of("restarted").Any();

    private void CheckOf(BotBook book, NodesEvidence evidence)
    {
        if (book.Life > 0 || book.Ids.Distinct().Count() != 1)
            _problems.Add($"bot {book.Bot} had the IDs {string.Join(", ", book.Ids)}");
        foreach (var bad in book.Events.Where(happened => happened.What is "lost" or "failed" && happened.At > evidence.AllIn && happened.At < evidence.StopAsked))
            _problems.Add($"bot {book.Bot} {bad.What} its server: {bad.Why}");
        var stranger = book.Events.FirstOrDefault(happened => happened.What is "left" or "joined" && happened.At > evidence.AllIn && happened.At < evidence.StopAsked);
        if (stranger is not null)
            _problems.Add($"bot {book.Bot} saw {stranger.Id} {(stranger.What == "left" ? "leave" : "join")} while everybody stayed");
        if (book.Of("restarted").Any(back => back.At < evidence.Killed))
            _problems.Add($"bot {book.Bot} lost its server before any was killed");
    }
}
