using System.Net;

namespace Peer.Protocol.ENet;

/// <summary>
/// A CONNECT that was answered and is not confirmed: all that is kept of a stranger. The confirmation must bring back the number and the time of the answer,
/// 32 bits drawn at random, so that whoever forges his address cannot become a peer.
/// </summary>
internal sealed class PendingConnect
{
    public required ushort Slot { get; init; }

    public required IPEndPoint From { get; init; }

    /// <summary>What CONNECT said.</summary>
    public required ConnectionOffer Offer { get; init; }

    /// <summary>What the client sent along; a Godot client its ID.</summary>
    public required uint Data { get; init; }

    /// <summary>The number of its CONNECT.</summary>
    public required ushort ControlNumber { get; init; }

    public required int Channels { get; init; }

    public required int Mtu { get; init; }

    /// <summary>Session of what comes from it.</summary>
    public required byte IncomingSession { get; init; }

    /// <summary>Session of what goes to it.</summary>
    public required byte OutgoingSession { get; init; }

    /// <summary>The answer's number, at random.</summary>
    public required ushort Number { get; init; }

    /// <summary>What the answer says that the time is, at random.</summary>
    public required ushort SentTime { get; init; }

    public required long CreatedAt { get; init; }

    /// <summary>When the last answer left.</summary>
    public long AnsweredAt { get; set; }

    /// <summary>Its place among all.</summary>
    public int Place { get; set; }

    /// <summary>Bytes that came from it.</summary>
    public long Received { get; set; }

    /// <summary>Bytes that went to it.</summary>
    public long Sent { get; set; }

    /// <summary>Bytes of the answer to its CONNECT as it is sent; 0 until it has been written for the first time.</summary>
    public int VerifyLength { get; set; }

    /// <summary>Answers so far.</summary>
    public int Answers { get; set; }
}
