namespace Peer.Node.Configuration;

/// <summary>
/// Keys as names of environment variables: <c>actorpeer.server.max-peers</c> is <c>ACTORPEER__SERVER__MAX_PEERS</c>. Two underscores are a dot, one is a dash, and case
/// does not count. <c>AKKA__</c> works as <c>ACTORPEER__</c> does.
/// </summary>
internal static class EnvironmentKeys
{
    private static readonly string[] Roots = ["ACTORPEER__", "AKKA__"];

    public static bool IsKey(string variable) => Array.Exists(Roots, root => variable.Length > root.Length && variable.StartsWith(root, StringComparison.OrdinalIgnoreCase));

    public static string KeyOf(string variable) =>
        variable.ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal).Replace('_', '-');

    public static string NameOf(string key) =>
        key.ToUpperInvariant().Replace('-', '_').Replace(".", "__", StringComparison.Ordinal);
}
