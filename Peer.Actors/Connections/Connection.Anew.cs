using Akka.Actor;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;

namespace Peer.Actors.Connections;

/// <summary>The server knows its client and nothing of what was under way: the connection goes on with sequences that begin anew.</summary>
internal sealed partial class Connection
{
    /// <summary>What the application has not taken yet of earlier epochs; no server waits for that credit any more.</summary>
    private readonly Queue<ByteBudget> _former = new();
    private int _epoch;

    private void BeginAnew(ClientHandshake handshake)
    {
        _transport.Tell(new Transport.Unregister(_member.ConnectionId));
        _member.ConnectionId = _redialId;
        _redialId = 0;
        _offer = handshake.Offer;
        _link!.Detach();
        _link.Dispose();
        foreach (var done in _departures)
            done.Return();
        _departures.Clear();
        _ready.Clear();
        foreach (var line in _sequencers.Values)
        {
            Context.Unwatch(line.Actor);
            line.Close();
            Context.Stop(line.Actor);
        }

        _sequencers.Clear();
        _epoch++;
        _positionRound++;
        _former.Enqueue(_reliable);
        _reliable = new ByteBudget(_runtime.Settings.Link.ReceiveWindow);
        _graceDeadline = long.MaxValue;
        _ticket = null;
        Establish(handshake.Keys, isServer: false, _offer.ServerConnectionId, _offer.InitialCredit);
        DropRedial();
        Become(Established);
        _manager.Tell(new ConnectionResumed(_member, null, 0) { IsAnew = true });
        _link.Ping();
        Work(Now);
    }

    private void Consumed(long bytes)
    {
        // The application takes things in their order.
        while (bytes > 0 && _former.TryPeek(out var former))
        {
            var old = Math.Min(bytes, former.Used);
            former.Release(old);
            bytes -= old;
            if (former.Used == 0)
                _former.Dequeue();
        }

        if (bytes == 0)
            return;
        _reliable.Release(bytes);
        _link!.ReturnCredit(bytes);
    }

    private bool IsOfFormerEpoch(SequenceKey key) => _epoch > 0 && !(_sequencers.TryGetValue(key, out var line) && line.Actor.Equals(Sender));

    private string NameOf(SequenceKey key) => _epoch == 0 ? $"sequencer-{key}" : $"sequencer-{key}-{_epoch}";
}
