using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare.Works;

/// <summary>Connected and silent; the marks say what that takes. Looks at its connections ten times a second.</summary>
internal sealed class IdleEnd : Work
{
    private double _heap;
    private double _resident;

    public override void Prepare(IEndpoint end)
    {
        (_heap, _resident) = (Heap(), Environment.WorkingSet);
        Session.Extra = () =>
        [
            new("heap", Heap() - _heap),
            new("rss", Environment.WorkingSet - _resident),
        ];
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Phase < EndPhase.Stopping)
        {
            Session.Messages = end.Connected;
            end.Poll(TimeSpan.Zero);
            Thread.Sleep(Glance);
        }

        return new Dictionary<string, double> { ["connected"] = end.Connected };
    }

    private static double Heap() => GC.GetTotalMemory(forceFullCollection: true);
}
