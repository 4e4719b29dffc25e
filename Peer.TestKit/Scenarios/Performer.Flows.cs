using Peer.Actors;
using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>What an application sends, and how full its queues are.</summary>
internal sealed partial class Performer
{
    private const double StrayTargets = 0.01;

    private readonly FlowState[] _flows;

    /// <summary>Looks at the queues.</summary>
    /// <param name="atEnd">Whether they must be empty.</param>
    public void Inspect(bool atEnd)
    {
        if (_session is not { } session || !Host.IsUp)
            return;
        foreach (var id in _present)
        {
            var gauge = _peer.GaugeOf(id);
            if (gauge is null)
                continue;
            var queued = gauge.QueuedBytes;
            if (queued < 0 || queued > gauge.LimitBytes)
                Oracle.Break(Laws.BoundedMemory, $"{session} counts {queued} bytes for {id}; the limit is {gauge.LimitBytes}");
            if (atEnd && queued != 0)
                Oracle.Break(Laws.Quiescence, $"{session} still counts {queued} bytes for {id}");
        }

        if (atEnd && _peer.GetAvailablePacketCount() > 0)
            Oracle.Break(Laws.Quiescence, $"{session} has packets that were not taken");
    }

    private void Perform(ActorBackedPeer peer, Session session)
    {
        var now = Now;
        if (now >= _scenario.TrafficEnd)
            return;
        foreach (var state in _flows)
        {
            if (now < state.Next)
                continue;
            state.Plan(now, _random);
            if (state.IsBusy(now) && _present.Count > 0)
                Send(peer, session, state.Flow);
        }
    }

    private void Send(ActorBackedPeer peer, Session session, Flow flow)
    {
        var target = Choose(flow.Target);
        peer.SetTargetPeer(target);
        peer.TransferChannel = flow.Channel;
        peer.TransferMode = flow.Mode;
        for (var left = flow.Burst; left > 0; left--)
        {
            var length = flow.MinBytes + _random.Below(flow.MaxBytes - flow.MinBytes + 1);
            var payload = _buffer.AsSpan(0, length);
            Payload.Write(payload, Oracle.Next);
            if (_stage.Recorder is { } recorder)
                recorder.Add(TimelineKind.PacketPut, _plan.Name, "", $"packet {Oracle.Next} for {target}, {length} B on {flow.Channel}/{flow.Mode}");
            Oracle.Put(session, flow.Channel, flow.Mode, target, length, peer.PutPacket(payload));
        }
    }

    private int Choose(FlowTarget target)
    {
        if (target == FlowTarget.All)
            return MultiplayerPeer.TargetPeerBroadcast;
        if (target == FlowTarget.Server && Kind == SessionKind.Client)
            return MultiplayerPeer.TargetPeerServer;

        // Now and then somebody who is not there: that must be refused.
        var id = _random.Chance(StrayTargets) ? 2 + _random.Below(int.MaxValue - 2) : _present[_random.Below(_present.Count)];
        return target == FlowTarget.AllButOne ? -id : id;
    }

    private sealed class FlowState(Flow flow, SeededSource random)
    {
        private readonly TimeSpan _phase = (flow.Busy < TimeSpan.FromDays(1) ? flow.Busy + flow.Quiet : TimeSpan.Zero) * random.Fraction();

        public Flow Flow => flow;

        public TimeSpan Next { get; private set; }

        public void Plan(TimeSpan now, SeededSource chance) => Next = now + (flow.Every * (0.5 + chance.Fraction()));

        public bool IsBusy(TimeSpan now) =>
            flow.Quiet <= TimeSpan.Zero || (now + _phase).Ticks % (flow.Busy + flow.Quiet).Ticks < flow.Busy.Ticks;
    }
}
