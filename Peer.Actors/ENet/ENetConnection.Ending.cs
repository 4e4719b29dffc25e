using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.ENet;
using Peer.Protocol.Handshake;

namespace Peer.Actors.ENet;

/// <summary>What the manager hears of a connection: that it is open, and that and why it is over.</summary>
internal sealed partial class ENetConnection
{
    private void TellOpened()
    {
        _openedTold = true;
        _deadline = long.MaxValue;
        _manager.Tell(new ConnectionOpened(_member, new WelcomeOffer(
            _guest.Slot, _ownId, _dial?.ExpectedPeerId ?? _ownId, _runtime.Settings.MaxMessageBytes, SequenceKey.ControlChannel, 0, 0, Dialect == ENetDialect.Godot3)));
    }

    private void BeginEnding(EndConnection end)
    {
        var now = Now;
        _ending ??= end.Info;
        if (end.Graceful)
            _peer.DisconnectLater((uint)end.Info.Reason);
        else
            _peer.Disconnect((uint)end.Info.Reason);
        var patience = _runtime.Settings.CloseTimeout + (end.Graceful ? _runtime.Settings.FlushTimeout : TimeSpan.Zero);
        _deadline = Math.Min(_deadline, now + Clock.Micros(patience));
        Work(now);
    }

    /// <summary>Nobody answered, or the other end does not confirm that it is over.</summary>
    private void Overdue()
    {
        _deadline = long.MaxValue;
        if (_peer.State == ENetState.Connecting && ++_endpoint < _dial!.Endpoints.Count && _ending is null)
        {
            _destination = Destination.Of(_dial.Endpoints[_endpoint]);
            _peer.Dispose();
            _peer = Dial();
            Transmit(Now);
            return;
        }

        if (_ending is null)
            _ending = DisconnectInfo.Of(DisconnectReason.NoAnswer, $"{_destination.EndPoint} did not answer");
        _peer.DisconnectNow((uint)_ending.Reason);
        Transmit(Now);
    }

    private void TellClosed()
    {
        _closedTold = true;
        _manager.Tell(new ConnectionClosed(_member, Ending()));
        Context.Stop(Self);
    }

    private DisconnectInfo Ending() => _peer.End switch
    {
        ENetEnd.Local when _ending is not null => _ending,
        ENetEnd.Remote => DisconnectInfo.Of(ReasonOf(_peer.EndData), _peer.EndData == 0 ? "" : $"the other end said {_peer.EndData}"),
        ENetEnd.Timeout => _ending ?? DisconnectInfo.Of(DisconnectReason.Timeout, "nothing was acknowledged any more"),
        ENetEnd.NoAnswer => DisconnectInfo.Of(DisconnectReason.NoAnswer, $"{_destination.EndPoint} did not answer"),
        _ => DisconnectInfo.Of(DisconnectReason.ProtocolViolation, "a rule of ENet was broken"),
    };

    /// <summary>ENet has 32 bits for a reason. Ours are ours; Godot sends 0, or its own ID.</summary>
    private static DisconnectReason ReasonOf(uint data) =>
        data is > 0 and <= byte.MaxValue && Enum.IsDefined((DisconnectReason)data) ? (DisconnectReason)data : DisconnectReason.Closed;
}
