namespace Peer.Lab.Soak;

/// <summary>A sample of a process.</summary>
internal sealed record SoakSample(double At, string Process, long Heap, long Resident, int Handles, int Threads, double Cpu, int Peers);

/// <summary>Whether a figure of a process stayed flat: its mean in the last quarter of the time against that in the second.</summary>
internal sealed record Flatness(string Process, string What, double Second, double Last, bool IsFlat)
{
    private const double Tolerance = 0.05;

    /// <param name="process">Whose.</param>
    /// <param name="what">Which figure.</param>
    /// <param name="samples">Times and values.</param>
    /// <param name="seconds">How long the soak took.</param>
    /// <param name="slack">What a figure may grow by, however small it is.</param>
    public static Flatness? Of(string process, string what, IReadOnlyList<(double At, double Value)> samples, double seconds, double slack)
    {
        var second = samples.Where(sample => sample.At >= seconds / 4 && sample.At < seconds / 2).Select(sample => sample.Value).ToArray();
        var last = samples.Where(sample => sample.At >= seconds * 3 / 4 && sample.At <= seconds).Select(sample => sample.Value).ToArray();
        if (second.Length == 0 || last.Length == 0)
            return null;
        var (before, after) = (second.Average(), last.Average());
        return new Flatness(process, what, before, after, after - before <= Math.Max(before * Tolerance, slack));
    }
}

/// <summary>What a soak has shown.</summary>
internal sealed record SoakReport
{
    public required ulong Seed { get; init; }

    public required double Minutes { get; init; }

    public required int Clients { get; init; }

    public required double Rate { get; init; }

    public required double Loss { get; init; }

    public required bool Finished { get; init; }

    public required IReadOnlyDictionary<string, int> Deeds { get; init; }

    public required IReadOnlyList<SoakStep> Steps { get; init; }

    public required long MessagesSent { get; init; }

    public required long MessagesReceived { get; init; }

    public required int Streams { get; init; }

    public required int Survivors { get; init; }

    public required long SurvivorMessages { get; init; }

    public required long Missing { get; init; }

    public required IReadOnlyList<string> Faults { get; init; }

    public required long HellosOfFloods { get; init; }

    public required long DatagramsRelayed { get; init; }

    public required long DatagramsLost { get; init; }

    public required double CpuSeconds { get; init; }

    public required IReadOnlyList<Flatness> Flat { get; init; }

    public required IReadOnlyList<SoakSample> Samples { get; init; }

    public bool Holds => Finished && Missing == 0 && Faults.Count == 0 && Survivors > 0 && Flat.All(figure => figure.IsFlat);

    public void Write(TextWriter output)
    {
        output.WriteLine(FormattableString.Invariant($"seed {Seed}, {Minutes:0.##} minutes, {Clients} clients, {Rate:0.##} messages/s each way, {Loss:p0} loss; processor time {CpuSeconds:0} s"));
        output.WriteLine(string.Join(", ", Deeds.Select(deed => $"{deed.Key} {deed.Value}")));
        output.WriteLine($"reliable messages sent {MessagesSent}, received {MessagesReceived}; datagrams relayed {DatagramsRelayed}, lost on the way {DatagramsLost}; hellos of floods {HellosOfFloods}");
        output.WriteLine($"streams {Streams}, whole at both ends {Survivors} with {SurvivorMessages} messages: {Missing} missing; repeated, out of order or altered: {Faults.Count}");
        foreach (var fault in Faults.Take(20))
            output.WriteLine($"  {fault}");
        foreach (var figure in Flat)
            output.WriteLine(FormattableString.Invariant($"{(figure.IsFlat ? "flat " : "GREW ")}{figure.Process} {figure.What}: {figure.Second:0.##} in the second quarter, {figure.Last:0.##} in the last ({(figure.Last / Math.Max(1e-9, figure.Second)) - 1:+0.0%;-0.0%})"));
        output.WriteLine(Holds ? "holds" : Finished ? "BROKEN" : "interrupted");
    }
}
