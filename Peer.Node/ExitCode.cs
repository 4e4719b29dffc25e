namespace Peer.Node;

/// <summary>What the program tells its shell; every <c>--help</c> names them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
}
