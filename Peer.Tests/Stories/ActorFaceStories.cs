using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Peer.Actors;
using Peer.Protocol;
using Error = Peer.Protocol.Error;

namespace Peer.Tests.Stories;

/// <summary>What an Akka user does without the synchronous face.</summary>
public sealed class ActorFaceStories : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly int _port = Arena.FreePort();

    public ActorFaceStories()
        : base(ConfigurationFactory.ParseString("""
            akka.loglevel = WARNING
            akka.log-dead-letters = off
            actorpeer.delivery.max-message = 64KiB
            actorpeer.connection { outgoing-queue = 128KiB, receive-window = 256KiB, idle-timeout = 60s }
            actorpeer.client.connect-timeout = 60s
            """).WithFallback(ActorPeer.DefaultConfig))
    {
    }

    [Fact]
    public async Task A_subscriber_hears_of_peers_and_packets_in_their_order()
    {
        var (server, ears) = Manage(Server);
        var (client, clientEars) = Manage(Client);
        Assert.Equal(1, (await clientEars.FishForMessageAsync<PeerConnected>(_ => true, Patience)).Peer);
        var id = (await clientEars.ExpectMsgAsync<ConnectionSucceeded>(Patience)).UniqueId;
        Assert.Equal(id, (await ears.FishForMessageAsync<PeerConnected>(_ => true, Patience)).Peer);

        // Said again until it is heard: it may be lost.
        PacketReceived? up = null;
        using var patience = new CancellationTokenSource(Patience);
        while (up is null)
        {
            Assert.False(patience.IsCancellationRequested, "what is said unreliably is never heard");
            client.Tell(new Send(1, "up"u8.ToArray(), 7, TransferMode.UnreliableOrdered));
            up = await ears.ReceiveOneAsync(TimeSpan.FromMilliseconds(200)) as PacketReceived;
        }

        Assert.Equal((id, 7, TransferMode.UnreliableOrdered), (up.Peer, up.Channel, up.Mode));
        Assert.Equal("up"u8.ToArray(), up.Payload.ToArray());
        server.Tell(new Send(0, "down"u8.ToArray()));
        Assert.Equal("down"u8.ToArray(), (await clientEars.ExpectMsgAsync<PacketReceived>(Patience)).Payload.ToArray());

        client.Tell(new Send(0, "last"u8.ToArray()));
        client.Tell(new Leave(new DisconnectInfo(DisconnectReason.Closed, "good night", new byte[] { 1, 2 })));
        Assert.Equal("last"u8.ToArray(), (await ears.FishForMessageAsync<PacketReceived>(packet => !packet.Payload.Span.SequenceEqual("up"u8), Patience)).Payload.ToArray());
        var gone = await ears.ExpectMsgAsync<PeerDisconnected>(Patience);
        Assert.Equal((id, DisconnectReason.Closed, "good night"), (gone.Peer, gone.Info.Reason, gone.Info.Text));
        Assert.Equal([1, 2], gone.Info.Payload.ToArray());
        await clientEars.FishForMessageAsync<Stopped>(_ => true, Patience);
    }

    [Fact]
    public async Task Who_subscribes_late_is_told_who_is_there_and_who_unsubscribes_hears_no_more()
    {
        var (server, ears) = Manage(Server);
        var (first, firstEars) = Manage(Client);
        var firstId = await Connected(firstEars, ears);
        var (_, secondEars) = Manage(Client);
        var secondId = await Connected(secondEars, ears);
        await firstEars.FishForMessageAsync<PeerConnected>(joined => joined.Peer == secondId, Patience);

        var late = CreateTestProbe();
        server.Tell(new Subscribe(late));
        await late.ExpectMsgAsync<Listening>(Patience);
        Assert.Equal([firstId, secondId], new[] { await late.ExpectMsgAsync<PeerConnected>(Patience), await late.ExpectMsgAsync<PeerConnected>(Patience) }.Select(joined => joined.Peer).OrderBy(id => id == firstId ? 0 : 1));
        var lateToo = CreateTestProbe();
        first.Tell(new Subscribe(lateToo));
        await lateToo.ExpectMsgAsync<Listening>(Patience);
        Assert.Equal(1, (await lateToo.ExpectMsgAsync<PeerConnected>(Patience)).Peer);
        Assert.Equal(firstId, (await lateToo.ExpectMsgAsync<ConnectionSucceeded>(Patience)).UniqueId);
        Assert.Equal(secondId, (await lateToo.ExpectMsgAsync<PeerConnected>(Patience)).Peer);

        server.Tell(new Unsubscribe(late));
        first.Tell(new Send(1, "hello"u8.ToArray()));
        await ears.ExpectMsgAsync<PacketReceived>(Patience);
        await late.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Each_refused_send_is_answered_with_its_error_and_nothing_is_sent()
    {
        var (server, ears) = Manage(Server);
        var stranger = Sys.ActorOf(PeerManager.Props(Sys, new PeerRole.Client("127.0.0.1", Arena.FreePort())));
        Assert.Equal(Error.Unconfigured, await Failure(stranger, new Send(1, new byte[1])));
        var (client, clientEars) = Manage(Client);
        var id = await Connected(clientEars, ears);

        foreach (var target in (int[])[id + 1, -id - 1, 1, int.MinValue])
            Assert.Equal(Error.InvalidParameter, await Failure(server, new Send(target, new byte[1])));
        Assert.Equal(Error.InvalidParameter, await Failure(client, new Send(id, new byte[1])));
        Assert.Equal(Error.InvalidParameter, await Failure(server, new Send(id, new byte[1], 255)));
        Assert.Equal(Error.InvalidParameter, await Failure(server, new Send(id, new byte[1], -1)));
        Assert.Equal(Error.InvalidParameter, await Failure(server, new Send(id, new byte[1], 0, (TransferMode)3)));
        Assert.Equal(Error.OutOfMemory, await Failure(server, new Send(id, new byte[65_537])));
        server.Tell(new Send(id, default), TestActor);
        for (var i = 0; i < 40; i++)
            server.Tell(new Send(id, new byte[60_000]), TestActor);
        Assert.Equal(Error.Busy, (await ExpectMsgAsync<SendFailed>(Patience)).Error);
        for (var received = 0; received < 2; received++)
            Assert.Equal(60_000, (await clientEars.ExpectMsgAsync<PacketReceived>(Patience)).Payload.Length);
    }

    [Fact]
    public async Task In_a_mesh_1_is_an_id_like_any_other()
    {
        var (mesh, ears) = Manage(new PeerRole.Mesh(10, new IPEndPoint(IPAddress.Loopback, _port)));
        var (other, _) = Manage(new PeerRole.Mesh(20, new IPEndPoint(IPAddress.Loopback, 0)));
        other.Tell(new AddMeshPeer(10, "127.0.0.1", _port));
        await ears.FishForMessageAsync<PeerConnected>(_ => true, Patience);

        Assert.Equal(Error.InvalidParameter, await Failure(mesh, new Send(1, new byte[1])));
        Assert.Equal(Error.InvalidParameter, await Failure(mesh, new Send(-1, new byte[1])));
        other.Tell(new Send(-20, "all but me"u8.ToArray()));
        await ears.ExpectMsgAsync<PacketReceived>(Patience);
    }

    [Fact]
    public async Task A_kick_carries_words_and_bytes_to_the_kicked_one()
    {
        var (server, ears) = Manage(Server);
        var (_, clientEars) = Manage(Client);
        var id = await Connected(clientEars, ears);
        server.Tell(new Send(id, "first"u8.ToArray()));
        server.Tell(new Kick(id, Text: "no cheating", Payload: new byte[] { 9, 8, 7 }));

        await clientEars.ExpectMsgAsync<PacketReceived>(Patience);
        await clientEars.ExpectMsgAsync<PeerDisconnected>(Patience);
        var gone = (await clientEars.ExpectMsgAsync<ServerDisconnected>(Patience)).Info;
        Assert.Equal((DisconnectReason.Kicked, "no cheating"), (gone.Reason, gone.Text));
        Assert.Equal([9, 8, 7], gone.Payload.ToArray());
        Assert.Equal(DisconnectReason.Kicked, (await ears.ExpectMsgAsync<PeerDisconnected>(Patience)).Info.Reason);
        await clientEars.ExpectMsgAsync<Stopped>(Patience);
    }

    [Fact]
    public async Task A_server_that_leaves_tells_its_peers_then_its_subscribers_that_it_has_stopped()
    {
        var (server, ears) = Manage(Server);
        var (_, clientEars) = Manage(Client);
        var id = await Connected(clientEars, ears);
        Watch(server);
        server.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown, "maintenance")));

        Assert.Equal("maintenance", (await clientEars.FishForMessageAsync<ServerDisconnected>(_ => true, Patience)).Info.Text);
        Assert.Equal(id, (await ears.ExpectMsgAsync<PeerDisconnected>(Patience)).Peer);
        await ears.ExpectMsgAsync<Stopped>(Patience);
        await ExpectTerminatedAsync(server, Patience);
    }

    [Fact]
    public async Task Refusing_newcomers_is_a_command_too()
    {
        var (server, _) = Manage(Server);
        server.Tell(new RefuseNewConnections(true));
        var (_, clientEars) = Manage(Client);

        Assert.Equal(DisconnectReason.Refusing, (await clientEars.FishForMessageAsync<ConnectionFailed>(_ => true, Patience)).Info.Reason);
        await clientEars.ExpectMsgAsync<Stopped>(Patience);
    }

    private PeerRole Server => new PeerRole.Server(new IPEndPoint(IPAddress.Loopback, _port));

    private PeerRole Client => new PeerRole.Client("127.0.0.1", _port);

    private (IActorRef Manager, TestProbe Ears) Manage(PeerRole role)
    {
        var ears = CreateTestProbe();
        var manager = Sys.ActorOf(PeerManager.Props(Sys, role));
        manager.Tell(new Subscribe(ears));
        return (manager, ears);
    }

    private static async Task<int> Connected(TestProbe client, TestProbe server)
    {
        var id = (await client.FishForMessageAsync<ConnectionSucceeded>(_ => true, Patience)).UniqueId;
        await server.FishForMessageAsync<PeerConnected>(joined => joined.Peer == id, Patience);
        return id;
    }

    private async Task<Error> Failure(IActorRef manager, Send send)
    {
        manager.Tell(send, TestActor);
        var failed = await ExpectMsgAsync<SendFailed>(Patience);
        Assert.Equal(send, failed.Command);
        return failed.Error;
    }
}
