using Peer.Lab.Nodes;
using Peer.Node.Load;

namespace Peer.Tests.Lab.Nodes;

/// <summary>What the books of bots say of those whose node was killed.</summary>
public sealed class NodesVerdictTests
{
    private const string Room = "attic";

    private readonly NodesPlan _plan = new() { Bots = 2, Patience = 1, Nodes = [], ConfigFile = "", Folder = "" };
    private readonly NodesEvidence _evidence = new() { AllIn = 1_000, Killed = 20_000, StopAsked = 60_000, RoomsOfDrained = ["cellar"], RoomsOfKilled = [Room] };
    private readonly BotBook _ann = Book(1);
    private readonly BotBook _bob = Book(2);

    [Fact]
    public void Bots_that_are_back_in_time_are_fine()
    {
        ComeBack(_ann, 25_000);
        ComeBack(_bob, 29_000);
        var verdict = Verdict();
        Assert.Empty(verdict.Problems);
        Assert.Equal([5_000, 9_000], verdict.Returns);
    }

    [Fact]
    public void One_that_is_back_late_is_found()
    {
        ComeBack(_ann, 25_000);
        ComeBack(_bob, 31_000);
        Assert.Contains("1 bots were back only after more than 10 s", Assert.Single(Verdict().Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_still_away_is_found_whatever_its_room()
    {
        ComeBack(_ann, 25_000);
        ComeBack(_bob, 25_000);
        _bob.Note(40_000, "interrupted");
        Assert.Contains($"1 bots of {Room} did not come back", Assert.Single(Verdict().Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_noticed_nothing_while_others_of_its_room_came_back_is_found()
    {
        ComeBack(_ann, 25_000);
        Assert.Contains($"1 bots of {Room} did not come back", Assert.Single(Verdict().Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_room_that_had_moved_before_the_kill_is_no_fault_where_others_show_what_a_kill_does()
    {
        var elsewhere = Book(3, "cellar");
        ComeBack(elsewhere, 25_000);
        Assert.Empty(Verdict(elsewhere).Problems);
    }

    [Fact]
    public void Where_nobody_lost_a_server_nothing_was_shown() =>
        Assert.Contains("nothing was shown", Assert.Single(Verdict().Problems), StringComparison.Ordinal);

    private static BotBook Book(int bot, string room = Room)
    {
        var book = new BotBook { Bot = bot, Room = room, Ids = [bot + 10] };
        book.Note(500, "connected", bot + 10);
        return book;
    }

    private static void ComeBack(BotBook book, long at)
    {
        book.Note(22_000, "interrupted");
        book.Note(at, "restarted");
    }

    private NodesVerdict Verdict(params BotBook[] others) => new(_plan with { Bots = 2 + others.Length }, _evidence, [_ann, _bob, .. others]);
}
