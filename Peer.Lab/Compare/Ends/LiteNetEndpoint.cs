using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using LiteNetLib;
using LiteNetLib.Utils;
using Peer.Protocol;

namespace Peer.Lab.Compare.Ends;

/// <summary>
/// LiteNetLib as its own experts set it up: the logic thread every millisecond and woken at once where one message waits for another, events unsynced on the
/// receiving thread, native sockets, larger datagrams where the path has room, no second socket for IPv6, which would turn each receive into three system calls.
/// A server, and a client whose messages wait for one another, have the library's two threads. Many clients in one process are managers in manual mode on
/// one thread, with two threads each they would fight over the cores; and so is a client that floods or echoes: measured, 1.6 and 2 times as fast as with
/// threads, and the only way in which unreliable messages do not pile up before the logic thread without bound.
/// </summary>
internal sealed class LiteNetEndpoint : IEndpoint
{
    private const string Key = "compare";

    // As much as some milliseconds of sending; beyond it a careful user waits. The library itself never says no.
    private const int QueueBound = 8000;

    private readonly IReceiver _receiver;
    private readonly bool _isServer;
    private readonly bool _manual;
    private readonly List<NetManager> _managers = [];
    private readonly List<NetPeer?> _peers = [];
    private readonly ConcurrentDictionary<int, NetPeer> _members = new();
    private readonly WorkSettings _settings;
    private readonly int _triggerUpTo;
    private long _updated = Stopwatch.GetTimestamp();
    private int _sinceBoundCheck;

    public LiteNetEndpoint(IReceiver receiver, string role, WorkSettings settings)
    {
        _receiver = receiver;
        _isServer = role == "server";
        _settings = settings;
        _triggerUpTo = settings.Int("trigger", 100);
        _manual = settings.Text("litenet", !_isServer && settings.Clients > 1 ? "manual" : "threads") == "manual" && !_isServer;
    }

    public int Connected => _isServer ? _managers[0].ConnectedPeersCount : _peers.Count(peer => peer?.ConnectionState == ConnectionState.Connected);

    public int Listen(int clients)
    {
        var server = Create(-1);
        server.Start(IPAddress.Loopback, IPAddress.IPv6Loopback, 0);
        return server.LocalPort;
    }

    public void Connect(int port, int clients)
    {
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < clients; i++)
        {
            var client = Create(i);
            if (_manual)
                client.StartInManualMode(IPAddress.Loopback, IPAddress.IPv6Loopback, 0);
            else
                client.Start(IPAddress.Loopback, IPAddress.IPv6Loopback, 0);
            _peers.Add(client.Connect(new IPEndPoint(IPAddress.Loopback, port), Key));

            // Not all at once: a server's socket holds only so much.
            if (i % 64 == 63)
                Poll(TimeSpan.Zero);
        }

        while (Connected < clients)
        {
            if (Stopwatch.GetElapsedTime(started).TotalSeconds > 30)
                throw new InvalidOperationException($"{Connected} of {clients} clients came in");
            Poll(TimeSpan.FromMilliseconds(1));
        }
    }

    public void Disconnect()
    {
        foreach (var client in _managers)
            client.Stop(sendDisconnectMessages: true);
        _managers.Clear();
        _peers.Clear();
    }

    public bool TrySend(int peer, ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0)
    {
        if ((_isServer ? _members.GetValueOrDefault(peer) : _peers[peer]) is not { } to)
            return false;
        if (mode == TransferMode.Reliable && ++_sinceBoundCheck >= 100)
        {
            if (to.GetPacketsCountInReliableQueue((byte)channel, ordered: true) > QueueBound)
                return false;
            _sinceBoundCheck = 0;
        }

        to.Send(payload, (byte)channel, Method(mode));
        return true;
    }

    public void Broadcast(ReadOnlySpan<byte> payload, TransferMode mode, int channel = 0) => _managers[0].SendToAll(payload, (byte)channel, Method(mode));

    public void Flush()
    {
        // With very many peers the next millisecond is soon enough, for each call looks at all of them; with fifty it still gains three quarters of the rate.
        if (!_manual && (_isServer ? _managers[0].ConnectedPeersCount : _peers.Count) <= _triggerUpTo)
            _managers[0].TriggerUpdate();
    }

    public void Poll(TimeSpan wait)
    {
        if (!_manual)
        {
            // Everything happens on the library's threads; a fraction of a millisecond would not sleep at all.
            if (wait > TimeSpan.Zero)
                Thread.Sleep(Math.Max(1, (int)wait.TotalMilliseconds));
            return;
        }

        var now = Stopwatch.GetTimestamp();
        var elapsed = (float)Stopwatch.GetElapsedTime(_updated, now).TotalMilliseconds;
        _updated = now;
        foreach (var manager in _managers)
        {
            manager.PollEvents();
            manager.ManualUpdate(elapsed);
        }
    }

    public void Dispose() => Disconnect();

    private static DeliveryMethod Method(TransferMode mode) => mode switch
    {
        TransferMode.Reliable => DeliveryMethod.ReliableOrdered,
        TransferMode.UnreliableOrdered => DeliveryMethod.Sequenced,
        _ => DeliveryMethod.Unreliable,
    };

    private NetManager Create(int index)
    {
        var manager = new NetManager(new Listener(this, index))
        {
            UpdateTime = 1,
            UnsyncedEvents = true,
            UnsyncedReceiveEvent = true,
            UnsyncedDeliveryEvent = true,
            AutoRecycle = true,
            UseNativeSockets = _settings.Int("native", 1) == 1,
            IPv6Enabled = _settings.Int("ipv6", 0) == 1,
            MtuDiscovery = _settings.Int("mtu", 1) == 1,
            ChannelsCount = 4,
            DisconnectTimeout = 30_000,
        };
        _managers.Add(manager);
        return manager;
    }

    private sealed class Listener(LiteNetEndpoint owner, int index) : INetEventListener
    {
        public void OnConnectionRequest(ConnectionRequest request) => request.AcceptIfKey(Key);

        public void OnPeerConnected(NetPeer peer)
        {
            if (index < 0)
                owner._members[peer.Id] = peer;
        }

        public void OnPeerDisconnected(NetPeer peer, LiteNetLib.DisconnectInfo disconnectInfo)
        {
            if (index < 0)
                owner._members.TryRemove(peer.Id, out _);
        }

        public void OnNetworkReceive(NetPeer peer, NetPacketReader reader, byte channelNumber, DeliveryMethod deliveryMethod) =>
            owner._receiver.Receive(owner, index < 0 ? peer.Id : index, reader.GetRemainingBytesSpan(), channelNumber);

        public void OnNetworkError(IPEndPoint endPoint, SocketError socketError)
        {
        }

        public void OnNetworkReceiveUnconnected(IPEndPoint remoteEndPoint, NetPacketReader reader, UnconnectedMessageType messageType)
        {
        }

        public void OnNetworkLatencyUpdate(NetPeer peer, int latency)
        {
        }
    }
}
