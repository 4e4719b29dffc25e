using Peer.Lab.Compare;

namespace Peer.Tests.Lab.Compare;

/// <summary>Ends that do not do what they should, played by the shell.</summary>
[Trait("Category", "Process")]
public sealed class EndProcessTests
{
    private static readonly RunPlan Plan = new(TimeSpan.FromSeconds(0.01), TimeSpan.FromSeconds(0.05));

    [Fact]
    public void An_end_that_dies_makes_the_round_void_and_says_why()
    {
        var sample = Run("echo broken >&2; exit 3");

        Assert.Empty(sample.Figures);
        Assert.Contains("died: exit code 3; broken", sample.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_that_gives_up_makes_the_round_void_and_says_why() =>
        Assert.Contains("nobody came", Run("echo failed nobody came; cat").Problem, StringComparison.Ordinal);

    [Fact]
    public void An_end_that_writes_nonsense_makes_the_round_void() =>
        Assert.Contains("cannot be read", Run("echo ready nonsense; cat").Problem, StringComparison.Ordinal);

    [Fact]
    public void Reliable_messages_that_are_missing_make_the_round_void() =>
        Assert.Contains("9 of 10 reliable messages arrived", Run(Answers(received: 9, wrong: 0)).Problem, StringComparison.Ordinal);

    [Fact]
    public void Messages_out_of_order_make_the_round_void() =>
        Assert.Contains("1 messages out of order", Run(Answers(received: 10, wrong: 1)).Problem, StringComparison.Ordinal);

    [Fact]
    public void What_both_ends_say_becomes_rate_and_cost()
    {
        var sample = Run(Answers(received: 10, wrong: 0));

        Assert.Null(sample.Problem);
        Assert.Equal(1000, sample.Figures[Figure.MessagesPerSecond], 3);

        // Each end used half of the window's time.
        Assert.Equal(1_000_000, sample.Figures[Figure.CpuPerMessage], 3);
        Assert.False(sample.Figures.ContainsKey(Figure.AllocatedPerMessage));
    }

    [Fact]
    public void A_window_in_which_nothing_came_is_void() =>
        Assert.Contains("starved", Run(Answers(received: 10, wrong: 0).Replace("n*50", "0", StringComparison.Ordinal)).Problem, StringComparison.Ordinal);

    private static Sample Run(string script) =>
        WorkloadCatalog.All.Single(workload => workload.Name == "oneway-reliable-32").Run(new Library("made up", false, false, ["/bin/sh", "-c", script]), Plan, CancellationToken.None);

    // Marks are 50 ms apart, with 50 messages and 25 ms of CPU between them.
    private static string Answers(int received, int wrong) => $$$"""
        n=0
        echo 'ready {"port":1}'
        while read -r word rest; do
          case $word in
            mark) n=$((n+1)); echo "mark {\"t\":0.$((n*50+100)),\"cpu\":0.$((n*25+100)),\"messages\":$((n*50))}" ;;
            stop) echo 'done {"sent":10,"received":{{{received}}},"wrong":{{{wrong}}}}' ;;
            quit) exit ;;
          esac
        done
        """;
}
