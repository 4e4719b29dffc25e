namespace Peer.Actors.Settings;

/// <summary>Settings of the synchronous facade, section <c>actorpeer.facade</c>.</summary>
public sealed record FacadeSettings
{
    /// <summary>Poll looks so long for news before it lets its thread sleep.</summary>
    public required TimeSpan Spin { get; init; }

    /// <summary>Unreliable bytes that may wait to be taken.</summary>
    public required long UnreliableInboxBytes { get; init; }

    /// <summary>CreateServer waits so long for the socket.</summary>
    public required TimeSpan StartTimeout { get; init; }

    internal static FacadeSettings Parse(SettingsReader reader) => new()
    {
        Spin = reader.Duration("spin", TimeSpan.Zero, TimeSpan.FromMilliseconds(10)),
        UnreliableInboxBytes = reader.Bytes("unreliable-inbox", 64 << 10, 4L << 30),
        StartTimeout = reader.Duration("start-timeout"),
    };
}
