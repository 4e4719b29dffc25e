using System.Globalization;
using Peer.Protocol;

namespace Peer.Node.Load;

/// <summary>Which part of the messages goes in which mode, in percent: reliable, unreliable ordered, unreliable.</summary>
internal sealed record ModeMix(int Reliable, int Ordered, int Unreliable)
{
    public static ModeMix Default { get; } = new(50, 30, 20);

    /// <summary>Reads <c>50,30,20</c>, or says what is wrong with it.</summary>
    public static ModeMix? Parse(string text, out string problem)
    {
        problem = "";
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var numbers = new int[3];
        var isLegal = parts.Length == 3;
        for (var i = 0; isLegal && i < 3; i++)
            isLegal = int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]);
        if (isLegal && numbers.Sum() == 100)
            return new ModeMix(numbers[0], numbers[1], numbers[2]);
        problem = $"'{text}' is no mix: three whole numbers that make 100, as 50,30,20 for reliable, unreliable ordered, unreliable";
        return null;
    }

    /// <summary>The mode of a message; <paramref name="draw"/> is 0 .. 99.</summary>
    public TransferMode Pick(int draw) =>
        draw < Reliable ? TransferMode.Reliable : draw < Reliable + Ordered ? TransferMode.UnreliableOrdered : TransferMode.Unreliable;
}
