namespace Peer.Node.Demo;

/// <summary>What a demo is to be.</summary>
/// <param name="Clients">Client processes.</param>
/// <param name="Duration">How long they send.</param>
/// <param name="Port">The server's UDP port, 0 for any.</param>
/// <param name="Seed">Of the traffic.</param>
/// <param name="Rate">Messages a second of each process and mode.</param>
internal sealed record DemoOptions(int Clients, TimeSpan Duration, int Port, int Seed, int Rate);
