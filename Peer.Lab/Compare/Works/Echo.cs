using Peer.Lab.Compare.Ends;
using Peer.Protocol;

namespace Peer.Lab.Compare.Works;

/// <summary>Sends back whatever comes, reliably, on its channel.</summary>
internal sealed class EchoServer : Work
{
    private long _lost;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
        if (!end.TrySend(peer, payload, TransferMode.Reliable, channel))
            Interlocked.Increment(ref _lost);
        end.Flush();
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        while (Session.Phase < EndPhase.Stopping)
            end.Poll(Glance);
        return new Dictionary<string, double> { ["lost"] = Volatile.Read(ref _lost) };
    }
}

/// <summary>Every client keeps so many messages on the way; what comes back goes out again.</summary>
internal sealed class EchoClient(WorkSettings settings) : Work
{
    private readonly int _inFlight = settings.Int("flight", 1);
    private readonly byte[] _payload = new byte[settings.Size];
    private long _trips;
    private long _lost;

    public override void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
        Session.Messages = Interlocked.Increment(ref _trips);
        if (!Session.Running)
            return;
        if (!end.TrySend(peer, payload, TransferMode.Reliable))
            Interlocked.Increment(ref _lost);
        end.Flush();
    }

    public override IReadOnlyDictionary<string, double> Run(IEndpoint end)
    {
        for (var peer = 0; peer < settings.Clients; peer++)
        {
            for (var i = 0; i < _inFlight; i++)
                end.TrySend(peer, _payload, TransferMode.Reliable);
        }

        end.Flush();
        while (Session.Running)
            end.Poll(Glance);
        return new Dictionary<string, double> { ["lost"] = Volatile.Read(ref _lost) };
    }
}
