namespace Peer.TestKit.Scenarios;

/// <summary>
/// What excuses a loss where ENet is spoken: it counts the silence from the first thing that was not acknowledged, asks only when that is due again, which may be long after the network is
/// back, and has no way to follow an address that changes or to find one for large datagrams.
/// </summary>
internal sealed partial class Weather
{
    private const double ENetSilencingLoss = 0.25;

    private static readonly TimeSpan ENetSilenceThatExcuses = TimeSpan.FromSeconds(1.5);

    private static readonly TimeSpan ENetWindow = TimeSpan.FromSeconds(25);

    private bool SpeaksENet(string host) => scenario.Peers.Any(peer => peer.Name == host && peer.ENet);

    private bool MayFallSilent(string one, string other, TimeSpan since)
    {
        var from = since - ENetWindow;
        return scenario.Faults.Any(fault => fault.Kind == FaultKind.Rebind && (fault.Host == one || fault.Host == other) && fault.At >= from && fault.At <= simulation.Time.Elapsed)
            || Covered(one, other, from, fault => fault.Kind == FaultKind.MtuDrop || (Silences(fault.Kind) && (fault.Kind != FaultKind.LossStorm || fault.Severity >= ENetSilencingLoss)))
                >= ENetSilenceThatExcuses;
    }

    /// <summary>An attempt is four questions, and on a link that loses some, all of them may be lost.</summary>
    private bool IsLossy(string host)
    {
        var plan = scenario.Peers.First(peer => peer.Name == host);
        return plan.Up.Loss + plan.Down.Loss > 0.05 || plan.Up.BurstBegins + plan.Down.BurstBegins > 0;
    }
}
