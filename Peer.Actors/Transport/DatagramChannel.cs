using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.IO;

namespace Peer.Actors.Transport;

/// <summary>
/// One attempt to bind. Makes the socket for Akka.IO's listener and keeps it: the listener disposes it on Unbind only, and one that
/// crashes makes another, on another port. So there is one socket per channel, a second is refused, and that ends the listener.
/// </summary>
internal sealed class DatagramChannel(IActorRef transport, TransportSettings settings, bool dual, bool receiveOffload) : Inet.DatagramChannelCreator, IDisposable
{
    private readonly Lock _gate = new();
    private Socket? _socket;
    private bool _spent;

    /// <summary>The socket, once the listener has asked for it.</summary>
    public Socket? Socket => Volatile.Read(ref _socket);

    /// <summary>Whether the kernel cuts a long send into datagrams.</summary>
    public bool SendOffload { get; private set; }

    public SocketReach Reach { get; private set; }

    /// <summary>Runs in the listener's constructor, so what is told from here has the listener as its sender.</summary>
    public override Socket Create(AddressFamily addressFamily)
    {
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_spent, this);
                _spent = true;
                _socket = Open(addressFamily);
                (Reach, SendOffload) = SocketTuning.Apply(_socket, settings, receiveOffload);
            }

            transport.Tell(new ChannelOpened(this));
            return _socket;
        }
        catch (Exception failure)
        {
            // Akka.IO stays silent about an exception thrown here.
            Dispose();
            transport.Tell(new ChannelFailed(this, failure));
            throw;
        }
    }

    /// <summary>A socket of the same kind, untuned.</summary>
    public Socket Open(AddressFamily addressFamily) => SocketTuning.Open(addressFamily, dual);

    /// <summary>Frees the port now, whatever state the listener is in.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _spent = true;
            _socket?.Dispose();
        }
    }
}

/// <summary>To the transport, from the listener: it lives and has this channel's socket.</summary>
internal sealed record ChannelOpened(DatagramChannel Channel) : ITransportMessage, Akka.Event.IDeadLetterSuppression;

/// <summary>To the transport, from the listener: no socket could be made.</summary>
internal sealed record ChannelFailed(DatagramChannel Channel, Exception Cause) : ITransportMessage, Akka.Event.IDeadLetterSuppression;
