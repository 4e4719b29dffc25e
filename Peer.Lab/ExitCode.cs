namespace Peer.Lab;

/// <summary>What the program tells its shell; every <c>--help</c> names them.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Violation = 1;
    public const int Usage = 2;

    /// <summary>As a shell reports SIGINT.</summary>
    public const int Interrupted = 130;
}
