using Peer.Lab.Scale;
using Peer.Lab.Scale.Simulated;

namespace Peer.Tests.Lab.Scale;

/// <summary>The simulation of a large cluster, in small.</summary>
public sealed class SimulatedScaleTests
{
    private static readonly ScalePlan Small = new(3, 60, 120, 2, 2, TimeSpan.FromSeconds(1));

    [Fact]
    public void A_drain_loses_and_repeats_nothing_and_after_a_crash_everybody_is_back()
    {
        var report = Run(7);

        Assert.True(report.Holds, Text(report));
        Assert.Equal(60, report.Opened.Rooms.Sum());
        Assert.All(report.Opened.Rooms, rooms => Assert.InRange(rooms, 10, 30));
        Assert.True(report.DrainedRooms > 10 && report.Drained.Rooms[^1] == 0, Text(report));
        Assert.InRange(report.Drained.RoomImbalance, 1, 1.2);
        Assert.True(report.CrashedBots > 20 && report.Returned == report.CrashedBots, Text(report));
        Assert.Equal(120, report.Crashed.Players.Sum());

        // A client notices by the idle time-out of 10 s, and then asks its old server for a second before it asks a door.
        Assert.InRange(report.AllReturned, 10, 16);
        Assert.InRange(report.Ledger.LostInCrash, 1, report.Ledger.Owed / 3);
        Assert.True(report.Ledger.Delivered > 1_000 && report.Talk.Datagrams > 100 && report.Silence.NodesCpu > 0, Text(report));
    }

    [Fact]
    public void The_same_seed_gives_the_same_digest()
    {
        var plan = Small with { Rooms = 12, Players = 24 };

        var digest = Run(5, plan).Digest;

        Assert.Equal(digest, Run(5, plan).Digest);
        Assert.NotEqual(digest, Run(6, plan).Digest);
    }

    private static SimulatedReport Run(ulong seed, ScalePlan? plan = null)
    {
        using var run = new SimulatedRun(plan ?? Small, seed, static _ => { }, CancellationToken.None);
        return run.Run();
    }

    private static string Text(SimulatedReport report)
    {
        var text = new StringWriter();
        report.Write(text);
        return text + string.Join('\n', report.Complaints);
    }
}
