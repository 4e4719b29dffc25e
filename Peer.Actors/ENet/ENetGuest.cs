using System.Net;
using Peer.Protocol.Admission;

namespace Peer.Actors.ENet;

/// <summary>What is known of a member that speaks ENet, and what it counts for the manager, on whatever thread.</summary>
/// <param name="from">Its address.</param>
/// <param name="source">The source prefix that it counts for; null when such limits do not hold for it, or for those whom this end has dialled.</param>
/// <param name="slot">Its slot.</param>
internal sealed class ENetGuest(IPEndPoint from, AddressPrefix? source, ushort slot)
{
    private long _sent;
    private uint _remoteIncoming;
    private uint _remoteOutgoing;

    public IPEndPoint From => from;

    public AddressPrefix? Source => source;

    public ushort Slot => slot;

    public uint RemoteIncoming => Volatile.Read(ref _remoteIncoming);

    public uint RemoteOutgoing => Volatile.Read(ref _remoteOutgoing);

    /// <summary>The connection's side.</summary>
    public void Report(long sent, uint remoteIncoming, uint remoteOutgoing)
    {
        Interlocked.Add(ref _sent, sent);
        Volatile.Write(ref _remoteIncoming, remoteIncoming);
        Volatile.Write(ref _remoteOutgoing, remoteOutgoing);
    }

    /// <summary>Bytes queued since the last call.</summary>
    public long TakeSent() => Interlocked.Exchange(ref _sent, 0);
}
