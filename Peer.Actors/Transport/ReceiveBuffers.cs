using Akka.Configuration;

namespace Peer.Actors.Transport;

/// <summary>Reads how large Akka.IO's receive buffers are, because a longer datagram is cut silently (or, on Windows, kills the listener).</summary>
internal static class ReceiveBuffers
{
    private const string PoolKey = "akka.io.udp.buffer-pool";

    /// <summary>One receive with offload brings up to 64 KiB.</summary>
    private const int ForOffload = 65536;

    private const int Least = 2048;

    /// <summary>Null when datagrams fit, else what to set; <paramref name="offload"/> says whether glued receives fit too.</summary>
    public static string? Problem(Config config, out bool offload)
    {
        var pool = config.GetString(PoolKey, "");
        var sizeKey = $"{pool}.buffer-size";
        var size = string.IsNullOrEmpty(pool) ? 0 : config.GetInt(sizeKey, 0);
        offload = size >= ForOffload;

        // On Windows anybody could stop the listener with one long datagram: there every datagram must fit.
        var least = OperatingSystem.IsWindows() ? ForOffload : Least;
        if (size >= least) return null;

        return $"Akka.IO's UDP receive buffers hold {size} bytes and would cut datagrams: set {sizeKey} to {ForOffload} "
            + $"(at least {least}), or {PoolKey} to a pool with such buffers, before the first use of UDP in this actor system";
    }
}
