using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>One life of a peer as the oracle knows it: a client from its connect to its end, a server or mesh peer from its start to its crash.</summary>
internal sealed class Session(int number, string host, SessionKind kind)
{
    public int Number { get; } = number;

    public string Host { get; } = host;

    public SessionKind Kind { get; } = kind;

    /// <summary>Its ID; 0 while it has none.</summary>
    public int Id { get; set; }

    /// <summary>Whether it has not ended.</summary>
    public bool IsLive { get; set; } = true;

    /// <summary>Whether its application closed it, and when it began to.</summary>
    public TimeSpan? ClosedAt { get; set; }

    /// <summary>When it ended, in whatever way.</summary>
    public TimeSpan? EndedAt { get; set; }

    /// <summary>When its application looked last before now: what it hears of may have happened at any time since.</summary>
    public TimeSpan PolledAt { get; set; }

    /// <summary>Whom it sees, or has seen.</summary>
    public Dictionary<int, View> Views { get; } = [];

    /// <summary>What it sent, by channel and mode.</summary>
    public Dictionary<int, List<SentPacket>> Sent { get; } = [];

    /// <summary>How far it has read what others sent, by session and stream.</summary>
    public Dictionary<(int Session, int Stream), Reading> Readings { get; } = [];

    public int PeersSeen { get; set; }

    public bool Sees(int peer) => Views.TryGetValue(peer, out var view) && view.IsPresent;

    public static int StreamOf(int channel, TransferMode mode) => (channel << 2) | (int)mode;

    public override string ToString() => $"{Host}#{Number}({Id})";
}

/// <summary>What a session is.</summary>
internal enum SessionKind
{
    /// <summary>A server.</summary>
    Server,

    /// <summary>A client.</summary>
    Client,

    /// <summary>A mesh peer.</summary>
    Mesh,
}

/// <summary>One peer as a session sees it.</summary>
internal sealed class View
{
    public bool IsPresent { get; set; }

    /// <summary>How often it has come.</summary>
    public int Comings { get; set; }

    /// <summary>The number of the first packet that anybody put after it came last.</summary>
    public uint SeenFrom { get; set; }

    public bool Kicked { get; set; }

    public TimeSpan Since { get; set; }
}

/// <summary>A packet that was put and not refused.</summary>
internal readonly record struct SentPacket(uint Number, int Target);

/// <summary>How far one session has read one stream of another.</summary>
internal sealed class Reading
{
    /// <summary>Index in the stream of the next packet that may come, for reliable and ordered modes.</summary>
    public int Next { get; set; }

    /// <summary>Whether something arrived since the sender came last: from there on nothing may be missing.</summary>
    public bool HasBegun { get; set; }

    /// <summary>The sender's coming to which the above belongs.</summary>
    public int Coming { get; set; }

    /// <summary>Which packets arrived, a bit each: unreliable mode only.</summary>
    public List<ulong> Seen { get; } = [];

    public bool TryMark(int index)
    {
        while (Seen.Count <= index / 64)
            Seen.Add(0);
        var bit = 1UL << (index % 64);
        if ((Seen[index / 64] & bit) != 0)
            return false;
        Seen[index / 64] |= bit;
        return true;
    }
}
