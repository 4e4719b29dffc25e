using System.Diagnostics;
using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare.Works;

/// <summary>Lets batches of clients come in and leave again; only their coming is timed.</summary>
internal sealed class ConnectClient(WorkSettings settings) : Work
{
    private readonly int _batch = settings.Int("batch", 100);
    private long _coming;

    public override void Prepare(IEndpoint end) => Session.Extra = () => [new("coming", Stopwatch.GetElapsedTime(0, Volatile.Read(ref _coming)).TotalSeconds)];

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Running)
        {
            end.Disconnect();
            var began = Stopwatch.GetTimestamp();
            end.Connect(settings.Port, _batch);
            Volatile.Write(ref _coming, _coming + Stopwatch.GetTimestamp() - began);
            Session.Messages += _batch;
        }

        return Nothing;
    }
}
