namespace Peer.Node.Load;

/// <summary>
/// Compares what bots say that they sent with what others say that they heard; it knows nothing of the protocol between them. Reliable messages of whoever was
/// there must all have arrived at whoever was there, once and in order.
/// </summary>
internal sealed class LedgerCheck
{
    private const int MostProblems = 20;

    /// <summary>Somebody who came so long before another one must have heard its first word.</summary>
    private const long JoinMargin = 2_000;

    private readonly List<string> _problems = [];
    private long _moreProblems;

    private LedgerCheck()
    {
    }

    /// <summary>Reliable messages that had to arrive, each as often as it had receivers.</summary>
    public long Owed { get; private set; }

    /// <summary>Those that did.</summary>
    public long Delivered { get; private set; }

    public long Missing { get; private set; }

    public long Repeated { get; private set; }

    /// <summary>Unreliable ordered messages that came after later ones.</summary>
    public long Late { get; private set; }

    public IReadOnlyList<string> Problems => _moreProblems == 0 ? _problems : [.. _problems, $"and {_moreProblems} more"];

    public bool IsOk => _problems.Count == 0;

    /// <param name="books">Of all bots, or of those of one process.</param>
    /// <param name="mayLose">Rooms that lost their server with everything in it; what they lose is counted and is no broken promise.</param>
    public static LedgerCheck Of(IReadOnlyCollection<BotBook> books, Func<string, bool>? mayLose = null)
    {
        var check = new LedgerCheck();
        foreach (var room in books.GroupBy(book => book.Room))
        {
            var forgives = mayLose?.Invoke(room.Key) ?? false;
            foreach (var listener in room)
            {
                check.Late += listener.LateOrdered;
                if (listener.LateOrdered > 0)
                    check.Complain($"bot {listener.Bot} heard {listener.LateOrdered} unreliable ordered messages late");
                if (listener.Strange > 0)
                    check.Complain($"bot {listener.Bot} heard {listener.Strange} packets that no bot wrote");
                var heard = listener.Heard.ToDictionary(stream => (stream.From, stream.Life));
                foreach (var speaker in room.Where(speaker => speaker != listener))
                    check.Compare(speaker, listener, heard, forgives);
            }
        }

        return check;
    }

    private void Compare(BotBook speaker, BotBook listener, Dictionary<(int From, int Life), HeardStream> heard, bool forgives)
    {
        for (var life = 0; life <= speaker.Life; life++)
        {
            var refused = speaker.Refused.Where(one => one[0] == life).Select(one => one[1]).ToHashSet();
            var sent = speaker.SentReliable[life];
            heard.TryGetValue((speaker.Bot, life), out var stream);
            if (stream is { Repeated: > 0 })
            {
                Repeated += stream.Repeated;
                Complain($"bot {listener.Bot} heard {stream.Repeated} messages of bot {speaker.Bot} again, or too late");
            }

            // Who had to connect anew was not there for all of it.
            var stayed = speaker.Life == 0 && listener.Life == 0 && listener.Ids.Count > 0;
            var first = stream?.First ?? (stayed ? 1 : sent + 1);
            if (stayed && Came(listener) + JoinMargin < Came(speaker))
                first = 1;
            var last = stayed ? sent : stream?.Last ?? 0;
            if (last < first)
                continue;
            var missing = Missed(stream, first, last, refused);
            Owed += last - first + 1 - refused.Count(number => number >= first && number <= last);
            Delivered += last - first + 1 - refused.Count(number => number >= first && number <= last) - missing;
            Missing += missing;
            if (missing > 0 && !forgives)
                Complain($"bot {listener.Bot} missed {missing} messages of bot {speaker.Bot} in room '{listener.Room}', {Which(stream, first, last)}");
        }
    }

    private static long Missed(HeardStream? stream, long first, long last, HashSet<long> refused)
    {
        if (stream is null)
            return Count(first, last, refused);
        var missed = Count(first, stream.First - 1, refused) + Count(stream.Last + 1, last, refused) + stream.MoreGaps;
        foreach (var gap in stream.Gaps)
            missed += Count(gap[0], gap[1], refused);
        return missed;
    }

    private static long Count(long from, long to, HashSet<long> refused) =>
        to < from ? 0 : to - from + 1 - refused.Count(number => number >= from && number <= to);

    private static string Which(HeardStream? stream, long first, long last) => stream is null
        ? $"all of {first} .. {last}"
        : $"heard {stream.First} .. {stream.Last} of {first} .. {last}{(stream.Gaps.Count > 0 ? $" without {string.Join(", ", stream.Gaps.Take(4).Select(gap => $"{gap[0]} .. {gap[1]}"))}" : "")}";

    private static long Came(BotBook book) => book.Of("connected").Select(happened => happened.At).DefaultIfEmpty(long.MaxValue / 2).First();

    private void Complain(string problem)
    {
        if (_problems.Count < MostProblems)
            _problems.Add(problem);
        else
            _moreProblems++;
    }
}
