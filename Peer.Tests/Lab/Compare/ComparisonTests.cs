using Peer.Lab.Compare;

namespace Peer.Tests.Lab.Compare;

public sealed class ComparisonTests
{
    private static readonly Library[] Libraries = [MadeUp.ActorPeer, MadeUp.ENet, MadeUp.LiteNetLib];

    [Fact]
    public void The_libraries_take_turns_in_every_round()
    {
        var steps = new List<string>();
        var comparison = new Comparison([new MadeUpWorkload("a"), new MadeUpWorkload("b")], Libraries, _ => MadeUp.Plan, workload => workload.Name == "a" ? 2 : 1);

        var report = comparison.Run(step => steps.Add($"{step.Round}{step.Workload} {step.Library}"), CancellationToken.None);

        Assert.Equal(
            [
                "1a actorpeer", "1a enet", "1a litenetlib", "1b actorpeer", "1b enet", "1b litenetlib",
                "2a actorpeer", "2a enet", "2a litenetlib",
            ],
            steps);
        Assert.Equal([2, 2, 2, 1, 1, 1], report.Rows.Select(row => row.Samples.Count));
        Assert.True(report.Complete);
    }

    [Fact]
    public void An_interrupted_comparison_reports_what_it_has_and_says_so()
    {
        using var interrupt = new CancellationTokenSource();
        var workload = new MadeUpWorkload("a", library =>
        {
            if (library != MadeUp.ENet)
                return MadeUp.Rate(1);
            interrupt.Cancel();
            throw new OperationCanceledException();
        });

        var report = new Comparison([workload], Libraries, _ => MadeUp.Plan, _ => 3).Run(_ => { }, interrupt.Token);

        Assert.True(report.Interrupted);
        Assert.Equal(Library.ActorPeer, Assert.Single(report.Rows).Library.Name);
    }
}
