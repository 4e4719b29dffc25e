namespace Peer.Lab.Simulate;

/// <summary>What a sweep keeps of one seed: no more than its report needs, as there are thousands.</summary>
internal sealed record SeedOutcome(ulong Seed, ulong Hash, TimeSpan VirtualTime, long Datagrams, long Delivered, SeedFailure? Failure = null);

/// <summary>A law that a seed broke, with the last lines of its timeline before that.</summary>
internal sealed record SeedFailure(string Law, TimeSpan At, string Text, IReadOnlyList<string> LastLines)
{
    /// <summary>The "law" that two runs of a seed are the same.</summary>
    public const string Determinism = "determinism";

    /// <summary>The "law" that a run does not throw.</summary>
    public const string Exception = "exception";
}

/// <summary>Simulates one seed on the calling thread.</summary>
internal delegate SeedOutcome SeedPlayer(ulong seed);
