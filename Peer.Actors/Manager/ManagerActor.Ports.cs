using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Actors.Transport;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>The ports: their transports are started, replaced when they fail, and closed.</summary>
internal sealed partial class ManagerActor
{
    private readonly ManagerPort _port;
    private bool _isClosingPorts;

    /// <summary>The port that speaks ENet: a second one, or the manager's own.</summary>
    private ManagerPort PortOfENet => _enet!.Port ?? _port;

    private ManagerPort PortOf(Member member) => member.Guest is null ? _port : PortOfENet;

    /// <summary>The port whose transport that is; null when it is not one.</summary>
    private ManagerPort? PortOf(IActorRef transport) =>
        transport.IsNobody() ? null
        : transport.Equals(_port.Transport) ? _port
        : _enet?.Port is { } second && transport.Equals(second.Transport) ? second
        : null;

    private void Open(ManagerPort port, IPEndPoint bind)
    {
        port.Give(Context.ActorOf(_enet is { } enet && port == PortOfENet
            ? _runtime.Transport(bind, _transportCounters, enet.Strangers, Wire.ENet)
            : _runtime.Transport(bind, _transportCounters, _strangers)));
        Context.Watch(port.Transport);
    }

    private void Opened(ManagerPort port, TransportUp up)
    {
        if (port.Local is null && port == _enet?.Port)
            Announce(new ENetListening(up.Local));
        port.Opened(up);
        foreach (var member in _members.Values)
        {
            if (PortOf(member) == port)
                member.Connection.Tell(new UseSender(up.Sender, port.Transport));
        }
    }

    /// <summary>Transports rebuild lost sockets themselves; where one has failed all the same, another one takes the port and the connections move over.</summary>
    private void Lost(ManagerPort port)
    {
        if (_isClosingPorts)
        {
            Closed(port);
        }
        else if (port.Local is { } local)
        {
            var wait = port.Vacate();
            _log.Warning("The transport failed; another one takes over {0} in {1} ms", local, wait.TotalMilliseconds);
        }
        else if (_leaving is null)
        {
            Fail("the transport failed before its port was open; the log says why");
        }
    }

    private void TakeOver(ManagerPort port)
    {
        port.Elapsed();
        if (!_isClosingPorts && port is { IsVacant: true, Local: { } local })
            Open(port, local);
    }

    private void ClosePorts()
    {
        if (_isClosingPorts)
            return;
        _isClosingPorts = true;
        Close(_port);
        if (_enet?.Port is { } second)
            Close(second);
    }

    private void Close(ManagerPort port)
    {
        if (port.IsVacant || port.Transport.IsNobody())
            Closed(port);
        else
            port.Transport.Tell(CloseTransport.Instance);
    }

    /// <summary>The manager ends with the last of its ports.</summary>
    private void Closed(ManagerPort port)
    {
        port.IsClosed = true;
        if (_port.IsClosed && _enet?.Port is null or { IsClosed: true })
            Context.Stop(Self);
    }
}
