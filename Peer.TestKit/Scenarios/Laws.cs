namespace Peer.TestKit.Scenarios;

/// <summary>What must hold in every run, whatever the network does.</summary>
public static class Laws
{
    /// <summary>Reliable packets arrive exactly once, in their order, per sender and channel; only a disconnect cuts off a suffix.</summary>
    public const string ReliableExactlyOnce = "reliable exactly once in order";

    /// <summary>A graceful close delivers what was sent reliably before it.</summary>
    public const string GracefulClose = "a graceful close loses nothing";

    /// <summary>Ordered packets never go back.</summary>
    public const string OrderedMonotonic = "ordered never goes back";

    /// <summary>Unreliable packets arrive at most once.</summary>
    public const string UnreliableAtMostOnce = "unreliable at most once";

    /// <summary>Bytes arrive as they were put.</summary>
    public const string PayloadIntact = "payload intact";

    /// <summary>Sender, channel and mode are the true ones.</summary>
    public const string TrueSender = "true sender, channel and mode";

    /// <summary>Packets reach whom they are addressed to, and never their own sender.</summary>
    public const string Addressed = "only those addressed, never oneself";

    /// <summary>Connected and disconnected take turns for each peer.</summary>
    public const string SignalsAlternate = "signals alternate";

    /// <summary>Packets come after their sender's connected signal and before its disconnected signal.</summary>
    public const string PacketsBetweenSignals = "packets between connected and disconnected";

    /// <summary>A put is refused exactly when it must be.</summary>
    public const string PutOutcome = "puts are refused only for cause";

    /// <summary>Everybody ends up knowing everybody who is there.</summary>
    public const string RosterConverges = "rosters converge";

    /// <summary>Once faults and senders stop, everything reliable arrives and queues are empty.</summary>
    public const string Quiescence = "quiescence";

    /// <summary>Queues stay within their limits.</summary>
    public const string BoundedMemory = "queues bounded";

    /// <summary>No connection ends and no attempt fails without a cause in the network.</summary>
    public const string NoNeedlessLoss = "no connection lost without cause";

    /// <summary>No connection ends because of a protocol violation, an internal error or an overflow.</summary>
    public const string NoFailure = "no failure inside";

    /// <summary>Nothing is logged as an error.</summary>
    public const string NoErrorLogged = "no error logged";
}
