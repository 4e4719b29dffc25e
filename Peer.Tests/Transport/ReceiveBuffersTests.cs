using Akka.Actor;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

public sealed class SmallBufferTests() : TransportFixture("akka.io.udp.direct-buffer-pool.buffer-size = 512")
{
    [Fact]
    public async Task Buffers_that_would_cut_datagrams_are_named_in_the_error()
    {
        Start();
        var failed = await Owner.ExpectMsgAsync<TransportBindFailed>(Patience);
        Assert.Contains("akka.io.udp.direct-buffer-pool.buffer-size", failed.Cause, StringComparison.Ordinal);
        Assert.Contains("512", failed.Cause, StringComparison.Ordinal);
    }
}

public sealed class MediumBufferTests() : TransportFixture("akka.io.udp.direct-buffer-pool.buffer-size = 2048")
{
    [Fact]
    public async Task Buffers_for_one_datagram_turn_glued_receives_off()
    {
        if (OperatingSystem.IsWindows()) return;
        var (transport, up) = await StartUp();
        var connection = CreateTestProbe();
        transport.Tell(new Register(1, connection, new IngressGauge()));
        var batch = Join(Enumerable.Range(0, 40).Select(number => Sealed(1, 1200, (uint)number)).ToArray());
        up.Sender.Send(batch, 1200, Destination.Of(up.Local));
        Assert.Equal(batch, await Collect(connection, batch.Length));
        Assert.Equal(40, Counters.ReceiveCalls.Value);
    }
}
