namespace Peer.Actors.Transport;

/// <summary>Which destinations a socket can serve, and in which form it wants their addresses.</summary>
internal enum SocketReach
{
    IPv4,
    IPv6,

    /// <summary>Both families on one IPv6 socket: IPv4 addresses are written as ::ffff:a.b.c.d.</summary>
    Dual,
}
