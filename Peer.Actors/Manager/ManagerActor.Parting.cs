using Akka.Actor;
using Peer.Actors.Spanning;

namespace Peer.Actors;

/// <summary>
/// A gateway that is emptied, and a home that goes elsewhere. All that clients have said is handed on, in order and to its end; then they are told where to show their tickets.
/// Nobody hears of a leave: for everybody else they are away, as after a crash.
/// </summary>
internal sealed partial class ManagerActor
{
    /// <summary>Whether this gateway has said its last word to the others.</summary>
    private bool _hasParted;
    private long _partBy;

    /// <summary>Whether all peers of the room are here.</summary>
    private bool _isWhole;

    private bool AwaitsGateways => HomeManager is null && _gateways.Count > 0;

    private void AskGatewaysToPart()
    {
        if (!AwaitsGateways)
            return;
        foreach (var gateway in _gateways.Values)
            gateway.Manager.Tell(SpanMoves.Instance);
        _partBy = _runtime.Clock.Now + Clock.Micros(_runtime.Settings.FlushTimeout);
        _spanDue.Arm(_partBy);
    }

    /// <summary>Whoever has not parted in time is not waited for; its clients come by their tickets all the same.</summary>
    private void GiveUpGateways()
    {
        if (!AwaitsGateways)
            return;
        if (_runtime.Clock.Now < _partBy)
        {
            _spanDue.Arm(_partBy);
            return;
        }

        foreach (var gateway in _gateways.Values.ToArray())
            Break(gateway, "it did not part in time");
    }

    /// <summary>Whoever runs this gateway hears <see cref="HandedOver"/> and says where its clients go.</summary>
    private void PartForHome() => BeginHandover(ActorRefs.Nobody, awaitsLastWord: false);

    /// <summary>The last word on every link; false when the room was lost over it.</summary>
    private bool TryPart()
    {
        FlushAll();
        if (_leaving is not null)
            return false;
        _hasParted = true;
        foreach (var gateway in _gateways.Values)
        {
            SpanItems.WriteParted(gateway.Items);
            gateway.Flush();
        }

        return true;
    }
}
