using Akka.Actor;
using Peer.TestKit;
using Peer.TestKit.Network;

namespace Peer.Tests.Simulations;

/// <summary>However a test ends, its simulation ends with it, quickly.</summary>
public sealed class SimulationEndTests
{
    [Fact]
    public void Dispose_ends_the_actor_system_of_a_network_in_full_traffic()
    {
        var simulation = new Simulation(1);
        var server = Player.Serve(simulation.Host("server"));
        var client = Player.Join(simulation.Host("client"), server.Host);
        client.Count(1, int.MaxValue, TimeSpan.FromMilliseconds(5));
        simulation.RunFor(TimeSpan.FromSeconds(3));
        Ends(simulation);
    }

    [Fact]
    public void Dispose_ends_frozen_crashed_and_partitioned_hosts()
    {
        var simulation = new Simulation(1);
        var server = Player.Serve(simulation.Host("server"));
        var clients = Enumerable.Range(0, 4).Select(i => Player.Join(simulation.Host($"client{i}"), server.Host)).ToList();
        simulation.RunFor(TimeSpan.FromSeconds(1));
        clients[0].Host.Freeze();
        clients[1].Host.Crash();
        simulation.Network.Partition([clients[2].Host], [server.Host]);
        server.Host.Freeze();
        simulation.RunFor(TimeSpan.FromSeconds(1));
        Ends(simulation);
    }

    [Fact]
    public void Dispose_ends_a_simulation_whose_script_never_ends()
    {
        var simulation = new Simulation(1);
        simulation.Every(TimeSpan.FromMicroseconds(1), () => true);
        simulation.RunFor(TimeSpan.FromMilliseconds(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => simulation.Every(TimeSpan.Zero, () => true));
        Ends(simulation);
    }

    [Fact]
    public void Dispose_ends_a_simulation_in_which_an_actor_feeds_itself_by_timers_for_ever()
    {
        var simulation = new Simulation(1);
        simulation.System.Scheduler.Advanced.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(1), () => { });
        simulation.RunFor(TimeSpan.FromSeconds(1));
        Ends(simulation);
    }

    [Fact]
    public void Dispose_ends_a_simulation_that_a_failed_script_left()
    {
        var simulation = new Simulation(1);
        var server = Player.Serve(simulation.Host("server"));
        Player.Join(simulation.Host("client"), server.Host);
        simulation.After(TimeSpan.FromMilliseconds(1), () => throw new InvalidOperationException("a failed assertion"));
        Assert.Throws<InvalidOperationException>(() => simulation.RunFor(TimeSpan.FromSeconds(1)));
        Ends(simulation);
    }

    [Fact]
    public void Dispose_ends_a_simulation_whose_timers_throw_each_time()
    {
        var simulation = new Simulation(1);
        simulation.System.Scheduler.Advanced.ScheduleOnce(TimeSpan.FromMilliseconds(1), () => throw new InvalidOperationException("late"));
        Ends(simulation);
    }

    [Fact]
    public void Dispose_in_the_middle_of_a_handshake_ends_it()
    {
        var simulation = new Simulation(1);
        var server = Player.Serve(simulation.Host("server"));
        for (var i = 0; i < 4; i++)
            Player.Join(simulation.Host($"client{i}"), server.Host);
        Ends(simulation);
    }

    [Fact]
    public void Dispose_may_come_twice_and_after_the_system_has_ended()
    {
        var simulation = new Simulation(1);
        simulation.Host("server").Serve(7777);
        simulation.System.Terminate();
        simulation.RunFor(TimeSpan.FromSeconds(1));
        Ends(simulation);
        simulation.Dispose();
    }

    [Fact]
    public void Two_simulations_on_one_thread_know_nothing_of_each_other()
    {
        using var one = new Simulation(1);
        using var other = new Simulation(2);
        var server = Player.Serve(one.Host("server"));
        Player.Serve(other.Host("server"));
        var client = Player.Join(one.Host("client"), one.Host("server"));
        Assert.True(one.RunUntil(() => client.IsConnected, TimeSpan.FromSeconds(5)));
        Assert.Single(server.Told);
        Assert.Equal(0, other.Network.Datagrams);
        Assert.Equal(0, other.Time.Now);
    }

    private static void Ends(Simulation simulation)
    {
        simulation.Dispose();

        // Akka hands the last steps to the pool, which may be busy with other tests for longer than Dispose waits.
        Assert.True(simulation.System.WhenTerminated.Wait(TimeSpan.FromSeconds(60)), "the system ends");
    }
}
