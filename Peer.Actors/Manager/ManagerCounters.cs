namespace Peer.Actors;

/// <summary>What a manager dropped or refused.</summary>
internal sealed class ManagerCounters
{
    public long HellosIgnored { get; set; }

    public long HellosOverBudget { get; set; }

    public long Refused { get; set; }

    /// <summary>Messages for another client while the relay is off.</summary>
    public long RelayRefused { get; set; }

    /// <summary>Messages for a target that nobody has.</summary>
    public long UnknownTarget { get; set; }

    /// <summary>Unreliable messages that a full queue did not take.</summary>
    public long DroppedUnreliable { get; set; }
}
