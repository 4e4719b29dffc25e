using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

[Collection(PortTests.Name)]
public abstract class LifeTests : TransportFixture
{
    private const ulong Id = 42;

    [Fact]
    public async Task A_taken_port_is_refused_with_a_cause_that_says_what_to_do()
    {
        var taken = (IPEndPoint)Client().LocalEndPoint!;
        var transport = Start(bind: taken);
        Watch(transport);
        var failed = await Owner.ExpectMsgAsync<TransportBindFailed>(Patience);
        Assert.Contains($"{taken.Port}", failed.Cause, StringComparison.Ordinal);
        Assert.Contains("taken", failed.Cause, StringComparison.Ordinal);
        await ExpectTerminatedAsync(transport, Patience);
        await Owner.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    public async Task An_address_of_another_machine_is_refused_with_a_cause()
    {
        Start(bind: new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0));
        var failed = await Owner.ExpectMsgAsync<TransportBindFailed>(Patience);
        Assert.Contains("not an address of this machine", failed.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_socket_is_rebuilt_on_the_same_port_and_traffic_flows_again()
    {
        var (transport, up) = await StartUp();
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        await LoseAsync(up);

        await Owner.ExpectMsgAsync<TransportDown>(Patience);
        var again = await Owner.ExpectMsgAsync<TransportUp>(Patience);
        Assert.Equal(up.Local, again.Local);
        Assert.Equal(1, Counters.Rebinds.Value);

        var client = Client();
        client.SendTo(Sealed(Id, 700), up.Local);
        var inbound = await ExpectMsgAsync<Inbound>(Patience);
        Assert.Equal(700, inbound.Datagrams.Length);

        var before = Counters.DroppedSendClosed.Value;
        up.Sender.Send(new byte[2400], 1200, Destination.Of(inbound.From));
        Assert.Equal(before + 2, Counters.DroppedSendClosed.Value);
        again.Sender.Send(new byte[55], 55, Destination.Of(inbound.From));
        Assert.Equal(55, client.Receive(new byte[2000]));
    }

    [Fact]
    public async Task Rebuilding_waits_for_a_port_that_was_taken_meanwhile()
    {
        var settings = TransportSettings.Default with { RebindMin = TimeSpan.FromMilliseconds(200), RebindMax = TimeSpan.FromMilliseconds(200) };
        var (transport, up) = await StartUp(settings);
        transport.Tell(new Register(Id, TestActor, new IngressGauge()));
        using (var thief = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            ((SocketSender)up.Sender).Socket.Dispose();
            while (!TryBind(thief, up.Local))
            {
                // It was quicker than the thief, who comes again.
                await Owner.ExpectMsgAsync<TransportDown>(Patience);
                up = await Owner.ExpectMsgAsync<TransportUp>(Patience);
                ((SocketSender)up.Sender).Socket.Dispose();
            }

            await LoseAsync(up);
            await Owner.ExpectMsgAsync<TransportDown>(Patience);
            await Owner.ExpectNoMsgAsync(TimeSpan.FromMilliseconds(500));
        }

        Assert.Equal(up.Local, (await Owner.ExpectMsgAsync<TransportUp>(Patience)).Local);
        Client().SendTo(Sealed(Id), up.Local);
        await ExpectMsgAsync<Inbound>(Patience);
    }

    [Fact]
    public async Task A_transport_that_dies_again_and_again_comes_back_each_time()
    {
        var (_, up) = await StartUp(TransportSettings.Default with { RebindMin = TimeSpan.FromMilliseconds(1), RebindMax = TimeSpan.FromMilliseconds(20) });
        var port = up.Local;
        for (var i = 0; i < 8; i++)
        {
            await LoseAsync(up);
            await Owner.ExpectMsgAsync<TransportDown>(Patience);
            up = await Owner.ExpectMsgAsync<TransportUp>(Patience);
            Assert.Equal(port, up.Local);
        }

        Assert.Equal(8, Counters.Rebinds.Value);
    }

    [Fact]
    public async Task The_port_is_free_once_the_transport_says_that_it_is_closed()
    {
        var (transport, up) = await StartUp();
        Watch(transport);
        transport.Tell(CloseTransport.Instance);
        await Owner.ExpectMsgAsync<TransportClosed>(Patience);
        Assert.True(IsFree(up.Local));
        await ExpectTerminatedAsync(transport, Patience);

        up.Sender.Send(new byte[10], 10, Destination.Of(up.Local));
        Assert.Equal(1, Counters.DroppedSendClosed.Value);
    }

    [Fact]
    public async Task A_transport_closed_before_it_is_up_or_while_it_rebuilds_says_closed_too()
    {
        Start().Tell(CloseTransport.Instance);
        await Owner.FishForMessageAsync(message => message is TransportClosed, Patience);

        var (transport, up) = await StartUp(TransportSettings.Default with { RebindMin = TimeSpan.FromSeconds(60), RebindMax = TimeSpan.FromSeconds(60) });
        await LoseAsync(up);
        await Owner.ExpectMsgAsync<TransportDown>(Patience);
        Assert.True(IsFree(up.Local));
        transport.Tell(CloseTransport.Instance);
        await Owner.ExpectMsgAsync<TransportClosed>(Patience);
    }

    [Fact]
    public async Task The_port_is_free_after_a_poison_pill()
    {
        var (transport, up) = await StartUp();
        Watch(transport);
        transport.Tell(PoisonPill.Instance);
        await ExpectTerminatedAsync(transport, Patience);
        Assert.True(IsFree(up.Local));
    }

    [Fact]
    public async Task The_port_is_free_after_a_stop_in_the_middle_of_the_bind()
    {
        for (var i = 0; i < 20; i++)
        {
            var port = FreePort().Port;
            var transport = Start(bind: new IPEndPoint(IPAddress.Loopback, port));
            Watch(transport);
            Sys.Stop(transport);
            await ExpectTerminatedAsync(transport, Patience);

            // It may have come up just before it was stopped, and said so.
            while (Owner.HasMessages)
                await Owner.ReceiveOneAsync(TimeSpan.Zero);
            Assert.True(IsFree(new IPEndPoint(IPAddress.Loopback, port)));
        }

        await NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_port_is_free_after_the_parent_crashed()
    {
        var parent = Sys.ActorOf(Props.Create(() => new CrashingParent(TestActor, system => TransportProps(system, TransportSettings.Default, Loopback, null))));
        var (transport, up) = await ExpectMsgAsync<(IActorRef, TransportUp)>(Patience);
        Watch(transport);
        parent.Tell("crash");
        await ExpectTerminatedAsync(transport, Patience);
        Assert.True(IsFree(up.Local));
    }

    [Fact]
    public async Task A_transport_that_is_restarted_frees_its_port_and_binds_again()
    {
        var (transport, up) = await StartUp();
        ((IInternalActorRef)transport).Restart(new InvalidOperationException("a parent's whim"));
        var again = await Owner.ExpectMsgAsync<TransportUp>(Patience);
        if (again.Local.Port != up.Local.Port) Assert.True(IsFree(up.Local));
        up.Sender.Send(new byte[10], 10, Destination.Of(up.Local));
        Assert.Equal(1, Counters.DroppedSendClosed.Value);
    }

    [Fact]
    public async Task The_port_is_free_after_the_actor_system_ended()
    {
        var other = ActorSystem.Create("other", ConfigurationFactory.ParseString("akka.loglevel = OFF").WithFallback(AkkaIo));
        other.ActorOf(Props.Create(() => new CrashingParent(TestActor, system => TransportProps(system, TransportSettings.Default, Loopback, null))));
        var (_, up) = await ExpectMsgAsync<(IActorRef, TransportUp)>(Patience);
        await other.Terminate().WaitAsync(Patience);
        Assert.True(IsFree(up.Local));
    }

    private static bool TryBind(Socket socket, IPEndPoint local)
    {
        try
        {
            socket.Bind(local);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static IPEndPoint FreePort() => new IPEndPoint(IPAddress.Loopback, FreePorts.Next());

    /// <summary>Takes the socket away under the transport, in a way that it notices.</summary>
    internal abstract Task LoseAsync(TransportUp up);

    /// <summary>Ends when nothing of closed transports is left in the system.</summary>
    protected virtual Task NothingIsLeftAsync() => Task.CompletedTask;

    private sealed class CrashingParent : UntypedActor
    {
        private readonly IActorRef _probe;
        private readonly IActorRef _transport;

        public CrashingParent(IActorRef probe, Func<ActorSystem, Props> transport)
        {
            _probe = probe;
            _transport = Context.ActorOf(transport(Context.System));
        }

        protected override void OnReceive(object message)
        {
            if (message is TransportUp up) _probe.Tell((_transport, up));
            else if (message is "crash") throw new InvalidOperationException("as asked");
        }
    }
}
