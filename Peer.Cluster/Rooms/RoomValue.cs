using System.Globalization;

namespace Peer.Cluster.Rooms;

/// <summary>A property's value: a text or a number.</summary>
public readonly record struct RoomValue
{
    /// <summary>Longest text, in bytes of UTF-8.</summary>
    public const int MaxTextBytes = 128;

    private RoomValue(string? text, double number)
    {
        Text = text;
        Number = number;
    }

    /// <summary>The text; null of a number.</summary>
    public string? Text { get; }

    /// <summary>The number; 0 of a text.</summary>
    public double Number { get; }

    /// <summary>A text.</summary>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static RoomValue Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return System.Text.Encoding.UTF8.GetByteCount(text) <= MaxTextBytes
            ? new RoomValue(text, 0)
            : throw new ArgumentException($"a property's text has at most {MaxTextBytes} bytes", nameof(text));
    }

    /// <summary>A number.</summary>
    /// <exception cref="ArgumentException">It is infinite or none.</exception>
    public static RoomValue Of(double number) =>
        double.IsFinite(number) ? new RoomValue(null, number) : throw new ArgumentException("a property's number is finite", nameof(number));

    /// <summary>A text.</summary>
    public static implicit operator RoomValue(string text) => Of(text);

    /// <summary>A number.</summary>
    public static implicit operator RoomValue(double number) => Of(number);

    /// <inheritdoc />
    public override string ToString() => Text ?? Number.ToString(CultureInfo.InvariantCulture);
}
