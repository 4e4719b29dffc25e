using Peer.Node.Load;

namespace Peer.Tests.Node.Load;

/// <summary>The ledger finds what is wrong, and nothing else.</summary>
public sealed class LedgerCheckTests
{
    private readonly BotBook _ann = Book(1);
    private readonly BotBook _bob = Book(2);

    [Fact]
    public void Everything_heard_once_and_in_order_is_fine()
    {
        Say(_ann, 100, _bob);
        Say(_bob, 50, _ann);

        var check = Check();
        Assert.Equal((true, 150, 150, 0, 0), (check.IsOk, check.Owed, check.Delivered, check.Missing, check.Repeated));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    [InlineData(100)]
    public void One_that_is_missing_is_found_at_the_beginning_in_the_middle_and_at_the_end(int lost)
    {
        _ann.Note(5_000, "connected", 11);
        _bob.Note(1_000, "connected", 12);
        Say(_ann, 100, _bob, without: lost);

        var check = Check();
        Assert.Equal((100, 99, 1), (check.Owed, check.Delivered, check.Missing));
        Assert.Contains("bot 2 missed 1 messages of bot 1", Assert.Single(check.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Somebody_who_heard_nothing_at_all_missed_everything()
    {
        _ann.SentReliable[0] = 7;
        Assert.Equal(7, Check().Missing);
    }

    [Fact]
    public void A_message_that_comes_again_or_late_is_found()
    {
        Say(_ann, 10, _bob);
        _bob.HearReliable(new BotMessage(1, 0, 4, 0));

        var check = Check();
        Assert.Equal((0, 1), (check.Missing, check.Repeated));
        Assert.False(check.IsOk);
    }

    [Fact]
    public void Whoever_comes_later_owes_nothing_for_what_was_said_before()
    {
        _ann.Note(1_000, "connected", 11);
        _bob.Note(60_000, "connected", 12);
        _ann.SentReliable[0] = 100;
        for (var number = 41; number <= 100; number++)
            _bob.HearReliable(new BotMessage(1, 0, number, 0));

        var check = Check();
        Assert.Equal((true, 60), (check.IsOk, check.Owed));
    }

    [Fact]
    public void What_the_senders_own_queue_refused_is_missed_by_nobody()
    {
        Say(_ann, 100, _bob, without: 30);
        _ann.Refused.Add([0, 30]);

        var check = Check();
        Assert.Equal((true, 99), (check.IsOk, check.Owed));
    }

    [Fact]
    public void A_room_that_died_with_its_server_may_lose_but_not_repeat_and_its_losses_are_counted()
    {
        Say(_ann, 100, _bob, without: 30);
        var check = LedgerCheck.Of([_ann, _bob], room => room == "room");
        Assert.Equal((true, 1), (check.IsOk, check.Missing));

        _bob.HearReliable(new BotMessage(1, 0, 100, 0));
        Assert.False(LedgerCheck.Of([_ann, _bob], room => room == "room").IsOk);
    }

    [Fact]
    public void A_new_life_begins_anew_and_is_held_to_what_was_heard_of_it()
    {
        Say(_ann, 10, _bob);
        _ann.SentReliable.Add(20);
        foreach (var number in (long[])[5, 6, 8])
            _bob.HearReliable(new BotMessage(1, 1, number, 0));

        Assert.Equal(1, Check().Missing);
    }

    [Fact]
    public void Rooms_do_not_owe_each_other()
    {
        _ann.SentReliable[0] = 100;
        var stranger = new BotBook { Bot = 3, Room = "elsewhere", Ids = [13] };
        Assert.Equal(0, LedgerCheck.Of([_ann, stranger]).Owed);
    }

    [Fact]
    public void Books_are_read_as_they_were_written()
    {
        Say(_ann, 100, _bob, without: 30);
        _bob.HearOrdered(new BotMessage(1, 0, 2, 0));
        _bob.HearOrdered(new BotMessage(1, 0, 1, 0));
        _bob.Note(7, "interrupted", 0, "why");
        var file = Path.GetTempFileName();
        LoadBooks.Write(file, [_bob, _ann]);
        var read = LoadBooks.Read(file);
        File.Delete(file);

        Assert.Equal([1, 2], read.Select(book => book.Bot));
        Assert.Equal(new BotEvent(7, "interrupted", 0, "why"), read[1].Events[^1]);
        var check = LedgerCheck.Of(read);
        Assert.Equal((1, 1), (check.Missing, check.Late));
    }

    [Fact]
    public void A_message_is_read_as_it_was_written_and_others_are_not()
    {
        var message = new BotMessage(7, 2, long.MaxValue - 1, -3);
        Assert.Equal(200, message.Encode(200).Length);
        Assert.Equal(BotMessage.Length, message.Encode(0).Length);
        Assert.True(BotMessage.TryDecode(message.Encode(60), out var read));
        Assert.Equal(message, read);
        Assert.False(BotMessage.TryDecode(message.Encode(28).AsSpan(0, 27), out _));
        Assert.False(BotMessage.TryDecode(new byte[60], out _));
    }

    private LedgerCheck Check() => LedgerCheck.Of([_ann, _bob]);

    private static BotBook Book(int bot) => new() { Bot = bot, Room = "room", Ids = [bot + 10] };

    private static void Say(BotBook speaker, int count, BotBook listener, int without = 0)
    {
        speaker.SentReliable[0] = count;
        for (var number = 1; number <= count; number++)
        {
            if (number != without)
                listener.HearReliable(new BotMessage(speaker.Bot, 0, number, 0));
        }
    }
}
