namespace Peer.Lab.Compare;

/// <summary>What one run of one workload on one library gave.</summary>
/// <param name="Figures">By the names of <see cref="Figure"/>, which are those of the JSON; a workload may add its own.</param>
/// <param name="Problem">Why the figures must not be believed: a process died, messages are missing; null when all is well.</param>
internal sealed record Sample(IReadOnlyDictionary<string, double> Figures, string? Problem = null)
{
    private static readonly Dictionary<string, double> Nothing = [];

    public static Sample Failed(string problem) => new(Nothing, problem);
}

/// <summary>Names of figures, as the JSON spells them. CPU is of both processes together.</summary>
internal static class Figure
{
    /// <summary>Delivered to the application.</summary>
    public const string MessagesPerSecond = "messages_per_second";
    public const string CpuPerMessage = "cpu_ns_per_message";
    public const string ClientCpuPerMessage = "client_cpu_ns_per_message";
    public const string ServerCpuPerMessage = "server_cpu_ns_per_message";

    /// <summary>Managed bytes, both processes together; absent for native code.</summary>
    public const string AllocatedPerMessage = "alloc_bytes_per_message";
    public const string ClientAllocatedPerMessage = "client_alloc_bytes_per_message";
    public const string ServerAllocatedPerMessage = "server_alloc_bytes_per_message";

    public const string P50 = "p50_us";
    public const string P99 = "p99_us";
    public const string P999 = "p999_us";
    public const string Max = "max_us";
}
