using Peer.Protocol;

namespace Peer.Lab.Drawing;

/// <summary>Colours that stay apart for the colour-blind, too (after Okabe and Ito).</summary>
internal static class Palette
{
    public const string Ink = "#24292f";
    public const string Faint = "#6e7781";
    public const string Grid = "#e7eaee";
    public const string Lane = "#b6bec8";
    public const string Datagram = "#a3abb5";
    public const string Lost = "#c62828";
    public const string Joined = "#1a7f37";
    public const string Left = "#8250df";

    public static string Of(TransferMode mode) => mode switch
    {
        TransferMode.Reliable => "#0072b2",
        TransferMode.UnreliableOrdered => "#e69f00",
        _ => "#009e73",
    };

    public static string Of(FaultShade shade) => shade switch
    {
        FaultShade.Partition => "#f4c7c3",
        FaultShade.Freeze => "#b9d9f2",
        FaultShade.Crash => "#c9c2d6",
        FaultShade.Link => "#fbdcb5",
        _ => "#dbe6cf",
    };
}
