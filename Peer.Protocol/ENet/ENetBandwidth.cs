namespace Peer.Protocol.ENet;

/// <summary>How a host's bandwidth is shared among its connections, once a second.</summary>
internal static class ENetBandwidth
{
    /// <summary>One connection's part in it.</summary>
    internal sealed class Share
    {
        /// <summary>Bytes queued to it since the last time.</summary>
        public required long Sent { get; init; }

        /// <summary>What it takes, bytes per second, 0 for any.</summary>
        public required uint RemoteIncoming { get; init; }

        /// <summary>What it sends at most, bytes per second, 0 for any.</summary>
        public required uint RemoteOutgoing { get; init; }

        /// <summary>What its throttle may be, of 32; 0 while undecided.</summary>
        public uint ThrottleLimit { get; set; }

        /// <summary>What it is told to send at most, bytes per second, 0 for any.</summary>
        public uint IncomingLimit { get; set; }
    }

    /// <summary>Limits each throttle so that neither what the host may send nor what a connection takes is passed.</summary>
    /// <param name="shares">All connections.</param>
    /// <param name="outgoing">What the host may send, bytes per second, 0 for any.</param>
    /// <param name="elapsed">Since the last time, milliseconds.</param>
    public static void LimitThrottles(IReadOnlyList<Share> shares, uint outgoing, long elapsed)
    {
        var (left, total) = (outgoing == 0 ? long.MaxValue : outgoing * elapsed / 1000, outgoing == 0 ? 0 : shares.Sum(share => share.Sent));

        // Those who take less than their share get what they take; the others divide the rest, until nobody is left who takes less.
        bool changed;
        do
        {
            changed = false;
            var throttle = ThrottleFor(left, total);
            foreach (var share in shares)
            {
                var takes = share.RemoteIncoming * elapsed / 1000;
                if (share.ThrottleLimit != 0 || share.RemoteIncoming == 0 || throttle * share.Sent / ENetFormat.ThrottleScale <= takes)
                    continue;
                share.ThrottleLimit = (uint)Math.Clamp(takes * ENetFormat.ThrottleScale / share.Sent, 1, ENetFormat.ThrottleScale);
                changed = true;
                left = Math.Max(0, left == long.MaxValue ? left : left - takes);
                total = Math.Max(0, total - takes);
            }
        }
        while (changed);
        foreach (var share in shares)
        {
            if (share.ThrottleLimit == 0)
                share.ThrottleLimit = Math.Max(1, ThrottleFor(left, total));
        }
    }

    /// <summary>Tells each connection how much of what the host takes it may send.</summary>
    /// <param name="shares">All connections.</param>
    /// <param name="incoming">What the host takes, bytes per second, 0 for any.</param>
    public static void LimitSenders(IReadOnlyList<Share> shares, uint incoming)
    {
        if (incoming == 0)
            return;
        var decided = new HashSet<Share>();
        var left = incoming;
        uint each = 0;
        bool changed;
        do
        {
            changed = false;
            if (decided.Count == shares.Count)
                break;
            each = left / (uint)(shares.Count - decided.Count);
            foreach (var share in shares)
            {
                if (share.RemoteOutgoing == 0 || share.RemoteOutgoing >= each || !decided.Add(share))
                    continue;
                share.IncomingLimit = share.RemoteOutgoing;
                left -= share.RemoteOutgoing;
                changed = true;
            }
        }
        while (changed);
        foreach (var share in shares)
        {
            if (!decided.Contains(share))
                share.IncomingLimit = each;
        }
    }

    private static uint ThrottleFor(long left, long total) =>
        total <= left ? ENetFormat.ThrottleScale : (uint)(left * ENetFormat.ThrottleScale / total);
}
