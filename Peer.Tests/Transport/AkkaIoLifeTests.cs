using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

/// <summary>The life of a socket that Akka.IO's listener owns.</summary>
[Collection(PortTests.Name)]
public sealed class AkkaIoLifeTests : LifeTests
{
    public static TheoryData<string> Deaths => ["socket disposed", "listener stopped", "listener killed"];

    [Theory]
    [MemberData(nameof(Deaths))]
    public async Task However_it_is_lost_the_socket_is_rebuilt_on_the_same_port(string death)
    {
        var (_, up) = await StartUp();
        if (death == "socket disposed")
            ((SocketSender)up.Sender).Socket.Dispose();
        else
            EndListeners(death == "listener killed" ? Kill.Instance : PoisonPill.Instance);
        await Owner.ExpectMsgAsync<TransportDown>(Patience);
        Assert.Equal(up.Local, (await Owner.ExpectMsgAsync<TransportUp>(Patience)).Local);
        Assert.Equal(1, Counters.Rebinds.Value);
    }

    [Fact]
    public async Task A_socket_sent_through_Akka_is_rebuilt_too()
    {
        var (_, up) = await StartUp(TransportSettings.Default with { SendPath = SendPath.AkkaIo });
        EndListeners(Kill.Instance);
        await Owner.ExpectMsgAsync<TransportDown>(Patience);
        Assert.Equal(up.Local, (await Owner.ExpectMsgAsync<TransportUp>(Patience)).Local);
    }

    [Fact]
    public async Task A_send_that_kills_Akkas_listener_is_survived()
    {
        var (_, up) = await StartUp(TransportSettings.Default with { SendPath = SendPath.AkkaIo });

        // The kernel forbids broadcast on this socket, and the listener dies of it.
        up.Sender.Send(new byte[10], 10, Destination.Of(new IPEndPoint(IPAddress.Broadcast, 4000)));
        await Owner.ExpectMsgAsync<TransportDown>(Patience);
        Assert.Equal(up.Local, (await Owner.ExpectMsgAsync<TransportUp>(Patience)).Local);
    }

    [Fact]
    public async Task No_listener_of_Akka_is_left_behind()
    {
        var (transport, up) = await StartUp();
        ((SocketSender)up.Sender).Socket.Dispose();
        await Owner.ExpectMsgAsync<TransportDown>(Patience);
        await Owner.ExpectMsgAsync<TransportUp>(Patience);
        Assert.Single(Listeners());
        transport.Tell(CloseTransport.Instance);
        await Owner.ExpectMsgAsync<TransportClosed>(Patience);
        await AwaitAssertAsync(() => Assert.Empty(Listeners()), Patience);
    }

    internal override Task LoseAsync(TransportUp up)
    {
        EndListeners(PoisonPill.Instance);
        return Task.CompletedTask;
    }

    protected override Task NothingIsLeftAsync() => AwaitAssertAsync(() => Assert.Empty(Listeners()), Patience);

    private void EndListeners(object how)
    {
        foreach (var listener in Listeners())
            listener.Tell(how);
    }

    private IActorRef[] Listeners()
    {
        var manager = (ActorRefWithCell)Akka.IO.Udp.Manager(Sys);
        return [.. manager.Children];
    }
}
