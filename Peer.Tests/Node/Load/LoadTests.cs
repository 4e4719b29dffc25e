using System.Text.Json;
using Peer.Node.Load;

namespace Peer.Tests.Node.Load;

/// <summary><c>load</c> as its users run it.</summary>
[Trait("Category", "Process")]
public sealed class LoadTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);

    [Fact]
    public void Bots_in_a_room_hear_all_that_is_said_and_their_books_say_so()
    {
        var file = Path.GetTempFileName();
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--quiet");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        using var load = new ProgramProcess("load", $"127.0.0.1:{port}", "--bots", "12", "--seconds", "2", "--rate", "10", "--books", file, "--json");

        var (code, output, error) = load.End(Patience);

        Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        using var json = JsonDocument.Parse(output);
        var root = json.RootElement;
        Assert.Equal((12, 12), (root.GetProperty("bots").GetInt32(), root.GetProperty("joined").GetInt32()));
        var reliable = root.GetProperty("reliable");
        Assert.True(reliable.GetProperty("owed").GetInt64() > 12 * 11);
        Assert.Equal(reliable.GetProperty("owed").GetInt64(), reliable.GetProperty("delivered").GetInt64());
        Assert.True(root.GetProperty("latency_ms").GetProperty("p50").GetDouble() > 0);
        Assert.Contains(" of 12 bots in", error, StringComparison.Ordinal);
        Assert.DoesNotContain("not text", server.Expect("left"), StringComparison.Ordinal);

        var books = LoadBooks.Read(file);
        File.Delete(file);
        Assert.Equal(Enumerable.Range(1, 12), books.Select(book => book.Bot));
        Assert.All(books, book => Assert.Single(book.Ids));
        Assert.True(LedgerCheck.Of(books).IsOk);

        books[3].Heard[0].Gaps.Add([2, 2]);
        Assert.False(LedgerCheck.Of(books).IsOk);
    }

    [Fact]
    public void A_signal_ends_it_with_its_report()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--quiet");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        using var load = new ProgramProcess("load", $"127.0.0.1:{port}", "--bots", "3", "--seconds", "600");
        load.Expect("talking: 3 of 3");
        load.Signal("TERM");

        var (code, output, error) = load.End(Patience);

        Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        Assert.Contains("reliable", output, StringComparison.Ordinal);
        Assert.Contains("latency", output, StringComparison.Ordinal);
    }

    [Fact]
    public void More_bots_than_the_pool_has_threads_begin_all_the_same()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--quiet");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        using var load = ProgramProcess.OnThreads(2, "load", $"127.0.0.1:{port}", "--bots", "40", "--seconds", "1");

        // They talk as long as one line comes after another: whether one comes meanwhile or only while they listen is chance.
        load.Expect(": 40 of 40 bots in");

        Assert.Equal(0, load.End(Patience).Code);
    }

    [Fact]
    public void A_server_that_goes_away_is_a_broken_promise_that_is_named()
    {
        using var server = new ProgramProcess("serve", "--port", "0", "--bind", "127.0.0.1", "--quiet");
        var port = server.Expect("listening on port").Split(' ')[3].TrimEnd(';');
        using var load = new ProgramProcess("load", $"127.0.0.1:{port}", "--bots", "3", "--seconds", "600");
        load.Expect("talking: 3 of 3");
        server.Signal("TERM");
        Assert.Equal(0, server.End().Code);
        load.Signal("TERM");

        var (code, _, error) = load.End(Patience);

        Assert.Equal(1, code);
        Assert.Contains("lost its server for good", error, StringComparison.Ordinal);
        Assert.Contains("Closed", error, StringComparison.Ordinal);
    }
}
