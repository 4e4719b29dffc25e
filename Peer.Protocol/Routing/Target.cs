namespace Peer.Protocol.Routing;

/// <summary>The rule of Godot's target peer: 0 everybody, n that peer, -n everybody but n. Nobody receives his own packet.</summary>
internal static class Target
{
    public const int Everybody = 0;

    /// <summary>Whether a packet for the target reaches the peer.</summary>
    public static bool Reaches(int target, int peer) =>
        target == Everybody || (target > 0 ? target == peer : target != -(long)peer);

    /// <summary>The peer that a target names, 0 for everybody. <c>int.MinValue</c> names nobody that can exist.</summary>
    public static long Named(int target) => Math.Abs((long)target);
}
