using System.Buffers;
using Peer.Actors.Connections;
using Peer.Actors.Transport;
using Peer.Protocol.ENet;

namespace Peer.Actors.ENet;

/// <summary>Datagrams in and out, and the timer between them.</summary>
internal sealed partial class ENetConnection
{
    private void Receive(Inbound inbound)
    {
        var length = inbound.Datagrams.Length;
        _ingress.Leave(length);
        var now = Now;
        if (!inbound.From.Equals(_destination.EndPoint))
        {
            // ENet knows a client by its address, and has no way to prove a new one.
        }
        else if (_ingressRate?.TryTake(1, length, now) == false)
        {
            _member.Book?.Counters.DatagramsOverIngressRate.Add(1);
        }
        else
        {
            _peer.Receive(inbound.Datagrams.Span, now);
            if (!_openedTold && _peer.State == ENetState.Connected)
                TellOpened();
            HandUp();
        }

        inbound.Owner.Release();
        inbound.Return();
        Work(now);
    }

    /// <summary>Sends what is due, follows the core's state, and arms the timer.</summary>
    private void Work(long now)
    {
        if (_closedTold)
            return;
        _peer.HandleTimeout(now);
        TellLeaves();
        Transmit(now);
        var queued = _peer.QueuedBytes;
        if (queued != _counted)
        {
            _member.Gauge.Remove(_counted - queued);
            _counted = queued;
        }

        if (now >= _deadline)
            Overdue();
        if (_peer.State == ENetState.Closed)
        {
            TellClosed();
            return;
        }

        Publish(now);
        _timer.Arm(Math.Min(Math.Min(_peer.NextTimeout(now), _deadline), _publishAt));
    }

    private void Transmit(long now)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BatchBytes);
        int length;
        while ((length = _peer.Transmit(now, buffer.AsSpan(0, BatchBytes), out var segment)) > 0)
            _sender.Send(buffer.AsSpan(0, length), segment, _destination);
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Publish(long now)
    {
        if (now < _publishedAt + _statisticsInterval)
        {
            _publishAt = _publishedAt + _statisticsInterval;
            return;
        }

        _publishedAt = now;
        _publishAt = long.MaxValue;
        _member.Publish(_peer.Statistics());
        _guest.Report(_peer.TakeSentBytes(), _peer.RemoteIncomingBandwidth, _peer.RemoteOutgoingBandwidth);
    }
}
