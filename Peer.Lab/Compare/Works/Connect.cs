using System.Diagnostics;
using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare.Works;

/// <summary>Lets batches of clients come in and leave again; only their coming is timed.</summary>
internal sealed class ConnectClient(WorkSettings settings) : Work
{
    private readonly int _batch = settings.Int("batch", 100);
    private readonly Lock _whole = new();
    private long _coming;
    private long _connected;

    public override void Prepare(IEndpoint end) => Session.Extra = () =>
    {
        lock (_whole)
            return [new("coming", Stopwatch.GetElapsedTime(0, _coming).TotalSeconds), new("connected", _connected)];
    };

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Running)
        {
            end.Disconnect();
            var began = Stopwatch.GetTimestamp();
            end.Connect(settings.Port, _batch);
            lock (_whole)
                (_coming, _connected) = (_coming + Stopwatch.GetTimestamp() - began, _connected + _batch);
            Session.Messages += _batch;
        }

        return Nothing;
    }
}
