using Peer.Protocol;

namespace Peer.Node.Demo;

/// <summary>Transfer modes as the report spells them.</summary>
internal static class ModeName
{
    /// <summary>The order of the report: the strictest first.</summary>
    public static IReadOnlyList<TransferMode> All { get; } = [TransferMode.Reliable, TransferMode.UnreliableOrdered, TransferMode.Unreliable];

    public static string Of(TransferMode mode) => mode switch
    {
        TransferMode.Reliable => "reliable",
        TransferMode.UnreliableOrdered => "unreliable_ordered",
        _ => "unreliable",
    };
}
