using System.Net;
using Akka.Actor;
using CsCheck;
using Peer.Actors.Transport;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Transport;

public sealed class InboundRouterTests
{
    private const ulong UnknownId = 3;

    private static IPEndPoint From { get; } = new(IPAddress.Loopback, 1);

    [Fact]
    public void Whatever_comes_together_each_connection_gets_its_own_datagrams_whole_and_in_order()
    {
        var datagram = Gen.Select(Gen.ULong[0, UnknownId], Gen.Int[31, 200], Gen.UInt, TransportFixture.Sealed);
        Gen.Select(datagram.Array[0, 40], Gen.Byte[0x60, 0xFF].Array[0, 20]).Sample((datagrams, garbage) =>
        {
            var run = new Run();
            run.Deliver(TransportFixture.Join([.. datagrams, garbage]));

            for (ulong id = 0; id < UnknownId; id++)
            {
                var expected = TransportFixture.Join(datagrams.Where(bytes => bytes[1] == id).ToArray());
                Assert.Equal(expected, run.Connections[id].Bytes());
            }

            var broken = garbage.Length > 0 || datagrams.Length == 0 ? 1 : 0;
            Assert.Equal(datagrams.Length + broken, run.Counters.DatagramsIn.Value);
            Assert.Equal(broken, run.Counters.DroppedMalformed.Value);
            Assert.Equal(datagrams.Count(bytes => bytes[1] == UnknownId), run.Counters.DroppedUnknownConnection.Value);
            Assert.True(run.IsFreeOnceRead());
        });
    }

    [Fact]
    public void Of_any_bytes_at_all_each_byte_is_told_at_most_once_and_each_drop_is_counted()
    {
        byte[] kinds = [0x40, 0x40, 0x40, 0x50, 0x54, 0x41, 0x00];
        var start = Gen.Int[0, 6].Select(i => kinds[i]);
        var piece = Gen.Select(start, Gen.Byte[0, 3], Gen.UShort[0, 60], Gen.Int[0, 90], (kind, id, length, size) =>
        {
            var bytes = new byte[size];
            if (size > 0) bytes[0] = kind;
            if (size > 1) bytes[1] = id;
            if (size > 14) BitConverter.TryWriteBytes(bytes.AsSpan(13), length);
            return bytes;
        });
        piece.Array[0, 10].Sample(pieces =>
        {
            var all = TransportFixture.Join(pieces);
            var run = new Run();
            run.Deliver(all);

            var told = run.Connections.Sum(connection => connection.Told.Count) + run.Owner.Told.Count;
            var bytes = run.Connections.Sum(connection => connection.Bytes().Length) + run.Owner.Bytes().Length;
            Assert.InRange(bytes, 0, all.Length);
            Assert.InRange(run.Counters.DroppedMalformed.Value, 0, 1);
            Assert.InRange(run.Owner.Told.Count, 0, 1);
            var dropped = run.Counters.DroppedMalformed.Value + run.Counters.DroppedUnknownConnection.Value;
            Assert.InRange(run.Counters.DatagramsIn.Value - dropped, told, long.MaxValue);
            Assert.True(told + dropped > 0);
            Assert.True(all.Length == 0 || run.IsFreeOnceRead());
        });
    }

    private sealed class Run
    {
        public Run()
        {
            Router = new InboundRouter(Owner, Counters, long.MaxValue, null);
            for (var id = 0; id < Connections.Length; id++) Router.Register((ulong)id, Connections[id], new IngressGauge());
        }

        public TransportCounters Counters { get; } = new();

        public Recorder Owner { get; } = new();

        public Recorder[] Connections { get; } = [new(), new(), new()];

        public InboundRouter Router { get; }

        public void Deliver(byte[] received)
        {
            Buffer = RunBuffer.Wrap(received);
            Router.Deliver(Buffer, received, From);
        }

        /// <summary>Whether the buffer is free once everybody who was told has let go of it.</summary>
        public bool IsFreeOnceRead()
        {
            foreach (var inbound in Connections.SelectMany(connection => connection.Told).OfType<Inbound>())
                inbound.Owner.Release();
            return Buffer!.Array.Length == 0;
        }

        public RunBuffer? Buffer { get; private set; }
    }

    private sealed class Recorder : MinimalActorRef
    {
        public List<object> Told { get; } = [];

        public override ActorPath Path { get; } = new RootActorPath(Address.AllSystems) / "recorder";

        public override IActorRefProvider Provider => throw new NotSupportedException();

        public byte[] Bytes() => TransportFixture.Join(Told.Select(message => message is Inbound inbound ? inbound.Datagrams.ToArray() : ((Stranger)message).Datagram.ToArray()).ToArray());

        protected override void TellInternal(object message, IActorRef sender) => Told.Add(message);
    }
}
