using Peer.Protocol.Admission;

namespace Peer.Protocol;

/// <summary>Why a peer left or an attempt failed.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Text">Text for people; empty when there is none. At most 200 bytes of UTF-8. The other end may have written it: control characters are taken out.</param>
/// <param name="Payload">Bytes given by the side that disconnected; at most 1 024.</param>
public sealed record DisconnectInfo(DisconnectReason Reason, string Text, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Text for people.</summary>
    public string Text { get; init => field = PlainText.Of(value); } = PlainText.Of(Text);

    /// <summary>Nothing has ended yet.</summary>
    public static DisconnectInfo None { get; } = new(DisconnectReason.None, "", default);

    /// <summary>An end with a reason and a text but no payload.</summary>
    public static DisconnectInfo Of(DisconnectReason reason, string text = "") => new(reason, text, default);
}
