using Peer.TestKit;

namespace Peer.Lab.Soak;

/// <summary>What happens to whom.</summary>
internal enum SoakDeed
{
    /// <summary>A client leaves in good order and joins again a little later.</summary>
    Leave,

    /// <summary>A process of clients is killed (SIGKILL) and another one takes its place.</summary>
    KillClients,

    /// <summary>A server is killed and another one takes its port.</summary>
    KillServer,

    /// <summary>A process of clients is stopped (SIGSTOP) for a while and goes on.</summary>
    Freeze,

    /// <summary>Clients reach their server from another port from one datagram to the next.</summary>
    Move,

    /// <summary>An attacker sends HELLOs and rubbish to a server.</summary>
    Flood,
}

/// <summary>One deed of the plan.</summary>
/// <param name="At">Seconds from the beginning.</param>
/// <param name="Deed">What.</param>
/// <param name="Target">Which process or server.</param>
/// <param name="Amount">Clients, datagrams a second, or seconds, as the deed has it.</param>
internal sealed record SoakStep(double At, SoakDeed Deed, int Target, double Amount);

/// <summary>A soak as drawn from its seed; the same seed draws the same one.</summary>
internal sealed record SoakPlan
{
    /// <summary>Servers; the first one lives to the end.</summary>
    public const int Servers = 2;

    /// <summary>Processes of clients; the first ones live to the end, the last one is mortal.</summary>
    public const int ClientProcesses = 4;

    public const int Mortal = ClientProcesses - 1;

    public required ulong Seed { get; init; }

    public required double Seconds { get; init; }

    public required int Clients { get; init; }

    /// <summary>Reliable messages a second, of each client to its server and back.</summary>
    public required double Rate { get; init; }

    /// <summary>Share of datagrams lost each way.</summary>
    public required double Loss { get; init; }

    public required IReadOnlyList<SoakStep> Steps { get; init; }

    public int ClientsOf(int process) => (Clients / ClientProcesses) + (process < Clients % ClientProcesses ? 1 : 0);

    public static SoakPlan Draw(ulong seed, double minutes, int clients, double rate, double loss)
    {
        var random = new SeededSource(seed);
        var seconds = minutes * 60;
        var steps = new List<SoakStep>();
        Some(SoakDeed.Leave, 30 * minutes, () => random.Below(ClientProcesses), () => random.Below(Math.Max(1, clients / ClientProcesses)));
        Some(SoakDeed.Move, 4 * minutes, () => random.Below(Servers), () => 1 + random.Below(6));
        Some(SoakDeed.Freeze, minutes, () => random.Below(ClientProcesses), () => random.Below(5) == 0 && minutes > 2 ? 14 : 1 + (4 * random.Fraction()));
        Some(SoakDeed.Flood, minutes, () => random.Below(Servers), () => 1_000 + random.Below(3_000));
        Some(SoakDeed.KillClients, minutes / 3, () => Mortal, () => 0);
        Some(SoakDeed.KillServer, minutes / 10, () => Servers - 1, () => 0);
        return new SoakPlan { Seed = seed, Seconds = seconds, Clients = clients, Rate = rate, Loss = loss, Steps = [.. steps.OrderBy(step => step.At)] };

        void Some(SoakDeed deed, double count, Func<int> target, Func<double> amount)
        {
            for (var i = Math.Max(deed == SoakDeed.KillServer ? 0 : 1, (int)Math.Round(count)); i > 0; i--)
                steps.Add(new SoakStep(seconds * (0.1 + (0.75 * random.Fraction())), deed, target(), amount()));
        }
    }
}
