namespace Peer.TestKit.Scenarios;

/// <summary>Draws who speaks ENet in a room of both kinds.</summary>
internal sealed partial class ScenarioArtist
{
    /// <summary>ENet looks for no path: what does not fit one never gets through.</summary>
    private const int SmallestPath = 1_392;

    /// <summary>Godot 3's dialect sends what does not fit a datagram reliably, and says so; and its channels end earlier than ours.</summary>
    private const int LongestUnreliable = 1_300;

    private const int Channels = 250;

    /// <summary>From a source of its own, so that rooms without them stay as they were drawn.</summary>
    private void DrawENet(List<PeerPlan> peers)
    {
        var random = new SeededSource(_seed ^ SeededSource.Hash("enet"));
        if (!random.Chance(0.4))
            return;
        for (var i = 1; i < peers.Count; i++)
        {
            if (random.Chance(0.5))
                peers[i] = peers[i] with { ENet = true, Up = Wide(peers[i].Up), Down = Wide(peers[i].Down) };
        }

        if (!peers.Exists(peer => peer.ENet))
            return;
        for (var i = 0; i < peers.Count; i++)
            peers[i] = peers[i] with { Flows = [.. peers[i].Flows.Select(Fitting)] };
    }

    private static Network.LinkConditions Wide(Network.LinkConditions link) => link with { Mtu = Math.Max(link.Mtu, SmallestPath) };

    private static Flow Fitting(Flow flow) => flow with
    {
        Channel = flow.Channel % Channels,
        MaxBytes = flow.Mode == Protocol.TransferMode.Reliable ? flow.MaxBytes : Math.Min(flow.MaxBytes, LongestUnreliable),
    };
}
