using Peer.Actors;
using Peer.Protocol.Delivery;

namespace Peer.TestKit;

// What users see, for the trace and for those who watch.
public sealed partial class Simulation
{
    internal void Saw(SimulatedHost host, int facade, IPeerEvent told)
    {
        _trace.Mix((ulong)Time.Now);
        _trace.Mix((ulong)facade);
        _trace.Mix(told.GetType().Name);
        switch (told)
        {
            case PeerConnected joined:
                _trace.Mix((ulong)joined.Peer);
                break;
            case PeerDisconnected left:
                _trace.Mix((ulong)left.Peer);
                _trace.Mix((ulong)left.Info.Reason);
                break;
            case PeerInterrupted away:
                _trace.Mix((ulong)away.Peer);
                break;
            case PeerResumed back:
                _trace.Mix((ulong)back.Peer);
                break;
            case ConnectionSucceeded success:
                _trace.Mix((ulong)success.UniqueId);
                break;
            case ConnectionFailed failure:
                _trace.Mix((ulong)failure.Info.Reason);
                break;
            case ServerDisconnected gone:
                _trace.Mix((ulong)gone.Info.Reason);
                break;
            case PacketReceived packet:
                _trace.Mix((ulong)packet.Peer);
                _trace.Mix(packet.Payload.Span);
                break;
        }

        Seen?.Invoke(new Sighting(Time.Now, host, facade, told));
    }

    internal void Saw(SimulatedHost host, int facade, int sender, in DeliveredRun run)
    {
        _trace.Mix((ulong)Time.Now);
        _trace.Mix((ulong)facade);
        _trace.Mix((ulong)sender);
        _trace.Mix(((ulong)run.Key.Channel << 8) | (ulong)run.Key.Mode);
        _trace.Mix(run.Bytes.Span);
        if (Seen is { } seen)
            Show(seen, host, facade, sender, run);
    }

    private void Show(Action<Sighting> seen, SimulatedHost host, int facade, int sender, in DeliveredRun run)
    {
        var offset = 0;
        for (var left = run.Messages; left > 0 && RunReader.TryNext(run.Bytes, ref offset, out var message); left--)
            seen(new Sighting(Time.Now, host, facade, new PacketReceived(sender, run.Key.Channel, run.Key.Mode, message.ToArray())));
    }
}
