using System.Buffers.Binary;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Facade;

public sealed class MultiplayerPeerTests
{
    [Fact]
    public void A_transport_of_the_users_own_works_through_the_base_class()
    {
        var (server, client) = MemoryPeer.Pair();
        var heard = new List<string>();
        server.PeerConnected += id => heard.Add($"server: {id} connected");
        server.PeerDisconnected += id => heard.Add($"server: {id} gone, {server.LastDisconnect.Reason}");
        client.PeerConnected += id => heard.Add($"client: {id} connected, {client.GetConnectionStatus()}");
        client.ConnectionSucceeded += () => heard.Add("client: succeeded");

        Assert.Equal(Error.Unconfigured, client.PutPacket([1]));
        Assert.Equal(0, client.GetUniqueId());
        client.Poll(TimeSpan.Zero);
        server.Poll();
        client.TransferChannel = 7;
        client.TransferMode = TransferMode.UnreliableOrdered;
        client.SetTargetPeer(MultiplayerPeer.TargetPeerServer);
        Assert.Equal(Error.Ok, client.PutPacket([1, 2, 3]));
        Assert.Equal(0, server.GetAvailablePacketCount());
        server.Poll(TimeSpan.Zero);

        Assert.Equal(1, server.GetAvailablePacketCount());
        Assert.Equal((2, 7, TransferMode.UnreliableOrdered), (server.GetPacketPeer(), server.GetPacketChannel(), server.GetPacketMode()));
        Assert.Equal([1, 2, 3], server.GetPacket());
        Assert.Equal(Error.Ok, server.GetPacketError());
        Assert.Equal((2, 7, TransferMode.UnreliableOrdered), (server.GetPacketPeer(), server.GetPacketChannel(), server.GetPacketMode()));
        Assert.Equal(2, client.GetUniqueId());
        Assert.True(server.IsServer());
        Assert.False(client.IsServer());

        client.Close();
        server.Poll(TimeSpan.Zero);
        Assert.Equal(["client: 1 connected, Connected", "client: succeeded", "server: 2 connected", "server: 2 gone, Closed"], heard);
    }

    [Fact]
    public void An_empty_queue_is_unavailable()
    {
        var (server, _) = MemoryPeer.Pair();
        Assert.Empty(server.GetPacket());
        Assert.Equal(Error.Unavailable, server.GetPacketError());
        Assert.False(server.TryGetPacket(out _));
        Assert.Equal(Error.Unavailable, server.GetPacketError());
        Assert.Equal((0, 0, TransferMode.Reliable), (server.GetPacketPeer(), server.GetPacketChannel(), server.GetPacketMode()));
    }

    [Fact]
    public void The_defaults_are_the_engines()
    {
        var (server, client) = MemoryPeer.Pair();
        Assert.False(server.RefuseNewConnections);
        Assert.Equal(0, server.TransferChannel);
        Assert.Equal(TransferMode.Reliable, server.TransferMode);
        Assert.Equal(8_388_608, server.EncodeBufferMaxSize);
        Assert.Equal((0, 1), (MultiplayerPeer.TargetPeerBroadcast, MultiplayerPeer.TargetPeerServer));
        Assert.Same(DisconnectInfo.None, server.LastDisconnect);
        server.Poll(TimeSpan.Zero);
        Assert.Equal(Error.Ok, server.PutPacket([5]));
        client.Poll(TimeSpan.Zero);
        Assert.Equal([5], client.GetPacket());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(255)]
    public void A_channel_out_of_range_throws(int channel)
    {
        var (server, _) = MemoryPeer.Pair();
        Assert.Throws<ArgumentOutOfRangeException>(() => server.TransferChannel = channel);
        server.TransferChannel = 254;
        Assert.Equal(254, server.TransferChannel);
    }

    [Fact]
    public void Other_values_out_of_range_throw()
    {
        var (server, _) = MemoryPeer.Pair();
        Assert.Throws<ArgumentOutOfRangeException>(() => server.TransferMode = (TransferMode)3);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.EncodeBufferMaxSize = 1023);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.EncodeBufferMaxSize = 268_435_457);
        Assert.Throws<ArgumentOutOfRangeException>(() => server.Poll(TimeSpan.FromTicks(-1)));
        Assert.Throws<ArgumentNullException>(() => server.PutPacket(null!));
        Assert.Throws<ArgumentException>(() => server.GetPeerStatistics(77));
    }

    [Fact]
    public void Every_call_after_Dispose_throws()
    {
        var (peer, _) = MemoryPeer.Pair();
        peer.Dispose();
        peer.Dispose();
        Action[] calls =
        [
            () => peer.GetAvailablePacketCount(), () => peer.GetPacket(), () => peer.TryGetPacket(out _), () => peer.GetPacketError(), () => peer.PutPacket([1]),
            () => peer.PutPacket([]), () => peer.GetVar<int>(), () => peer.PutVar(1), () => peer.RefuseNewConnections = true, () => _ = peer.RefuseNewConnections,
            () => peer.TransferChannel = 1, () => _ = peer.TransferChannel, () => peer.TransferMode = TransferMode.Reliable, () => _ = peer.TransferMode,
            () => peer.GenerateUniqueId(), () => peer.GetConnectionStatus(), () => peer.GetUniqueId(), () => peer.GetPacketPeer(), () => peer.GetPacketChannel(),
            () => peer.GetPacketMode(), () => peer.Poll(), () => peer.Poll(TimeSpan.Zero), () => peer.SetTargetPeer(1), () => peer.DisconnectPeer(1), peer.Close,
            () => peer.IsServer(), () => peer.IsServerRelaySupported(), () => peer.GetPeerStatistics(1),
        ];
        Assert.All(calls, call => Assert.Throws<ObjectDisposedException>(call));
    }

    [Fact]
    public void A_handler_that_throws_keeps_the_event_from_nobody_and_the_next_poll_goes_on()
    {
        var (_, client) = MemoryPeer.Pair();
        var heard = new List<string>();
        client.PeerConnected += _ => throw new InvalidOperationException("first");
        client.PeerConnected += id => heard.Add($"connected {id}");
        client.ConnectionSucceeded += () => heard.Add("succeeded");

        Assert.Equal("first", Assert.Throws<InvalidOperationException>(() => client.Poll(TimeSpan.Zero)).Message);
        Assert.Equal(["connected 1"], heard);
        client.Poll(TimeSpan.Zero);
        Assert.Equal(["connected 1", "succeeded"], heard);
    }

    [Fact]
    public void Several_handlers_that_throw_are_all_told_of()
    {
        var (server, _) = MemoryPeer.Pair();
        server.PeerConnected += _ => throw new InvalidOperationException("first");
        server.PeerConnected += _ => throw new NotSupportedException("second");
        Assert.Equal(2, Assert.Throws<AggregateException>(() => server.Poll(TimeSpan.Zero)).InnerExceptions.Count);
    }

    [Fact]
    public void A_generated_id_is_never_0_nor_1_nor_in_use()
    {
        // 0, 1 with the sign bit, the client's own 2, then the largest.
        var (_, client) = MemoryPeer.Pair(new ScriptedRandom(0, unchecked((int)0x80000001), 2, -1, 3));
        client.Poll(TimeSpan.Zero);
        Assert.Equal(int.MaxValue, client.GenerateUniqueId());
        Assert.Equal(3, client.GenerateUniqueId());
        Assert.Throws<InvalidOperationException>(() => client.GenerateUniqueId());
    }

    [Fact]
    public void Generated_ids_of_the_operating_system_differ()
    {
        var (server, _) = MemoryPeer.Pair();
        var ids = Enumerable.Range(0, 100).Select(_ => server.GenerateUniqueId()).ToHashSet();
        Assert.All(ids, id => Assert.InRange(id, 2, int.MaxValue));
        Assert.InRange(ids.Count, 99, 100);
    }

    [Fact]
    public void A_packet_over_the_limit_is_out_of_memory_and_the_peer_stays_usable()
    {
        var (server, client) = MemoryPeer.Pair();
        Assert.Equal(Error.Unconfigured, client.PutPacket(new byte[(16 * 1024 * 1024) + 1]));
        Assert.Equal(Error.OutOfMemory, server.PutPacket(new byte[(16 * 1024 * 1024) + 1]));
        Assert.Equal(Error.OutOfMemory, server.GetPacketError());
        server.SetTargetPeer(99);
        Assert.Equal(Error.InvalidParameter, server.PutPacket([1]));
        Assert.Equal(Error.Ok, server.PutPacket([]));
        server.SetTargetPeer(2);
        Assert.Equal(Error.Ok, server.PutPacket([1]));
    }

    [Fact]
    public void Offline_is_a_connected_server_to_which_nothing_comes()
    {
        using var peer = new OfflineMultiplayerPeer();
        Assert.Equal(ConnectionStatus.Connected, peer.GetConnectionStatus());
        Assert.Equal(1, peer.GetUniqueId());
        Assert.True(peer.IsServer());
        Assert.Equal(Error.Ok, peer.PutPacket([1, 2, 3]));
        Assert.Equal(Error.Ok, peer.PutVar("gone"));
        peer.Poll(TimeSpan.FromHours(1));
        Assert.Equal(0, peer.GetAvailablePacketCount());
        Assert.Empty(peer.GetPacket());
        Assert.InRange(peer.GenerateUniqueId(), 2, int.MaxValue);
        peer.DisconnectPeer(5);
        peer.Close();
        Assert.Equal(ConnectionStatus.Connected, peer.GetConnectionStatus());
    }

    [Fact]
    public void Numbers_are_the_engines()
    {
        Assert.Equal([0, 1, 2], [(int)ConnectionStatus.Disconnected, (int)ConnectionStatus.Connecting, (int)ConnectionStatus.Connected]);
        Assert.Equal([0, 1, 2], [(int)TransferMode.Unreliable, (int)TransferMode.UnreliableOrdered, (int)TransferMode.Reliable]);
        (Error Error, int Number)[] errors =
        [
            (Error.Ok, 0), (Error.Failed, 1), (Error.Unavailable, 2), (Error.Unconfigured, 3), (Error.OutOfMemory, 6), (Error.FileNotFound, 7),
            (Error.CantCreate, 20), (Error.AlreadyInUse, 22), (Error.Timeout, 24), (Error.CantConnect, 25), (Error.CantResolve, 26),
            (Error.ConnectionError, 27), (Error.InvalidData, 30), (Error.InvalidParameter, 31), (Error.Busy, 44),
        ];
        Assert.All(errors, pair => Assert.Equal(pair.Number, (int)pair.Error));
    }

    private sealed class ScriptedRandom(params int[] draws) : IRandomSource
    {
        private int _next;

        public void Fill(Span<byte> bytes) => BinaryPrimitives.WriteInt32LittleEndian(bytes, _next < draws.Length ? draws[_next++] : 0);
    }
}
