namespace Peer.Protocol;

/// <summary>Why a peer left or an attempt failed.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Text">Text for people; empty when there is none. At most 200 bytes of UTF-8.</param>
/// <param name="Payload">Bytes given by the side that disconnected; at most 1 024.</param>
public sealed record DisconnectInfo(DisconnectReason Reason, string Text, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Nothing has ended yet.</summary>
    public static DisconnectInfo None { get; } = new(DisconnectReason.None, "", default);

    /// <summary>An end with a reason and a text but no payload.</summary>
    public static DisconnectInfo Of(DisconnectReason reason, string text = "") => new(reason, text, default);
}
