using MessagePack;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Facade;

public sealed class PacketVarTests
{
    [Fact]
    public void Values_travel_as_MessagePack()
    {
        Assert.Equal(42, Roundtrip(42));
        Assert.Equal("grüße", Roundtrip("grüße"));
        Assert.Null(Roundtrip<string?>(null));
        Assert.Equal([1.5f, -2f], Roundtrip(new[] { 1.5f, -2f })!);
        Assert.Equal(new Dictionary<string, int> { ["a"] = 1 }, Roundtrip(new Dictionary<string, int> { ["a"] = 1 }));
        Assert.Equal(7, Roundtrip(new Shot { Power = 7 })!.Power);
        Assert.Equal(TransferMode.Reliable, Roundtrip(TransferMode.Reliable));
    }

    [Fact]
    public void A_var_from_an_empty_queue_is_unavailable()
    {
        var (_, client) = MemoryPeer.Pair();
        Assert.Null(client.GetVar<string>());
        Assert.Equal(Error.Unavailable, client.GetPacketError());
    }

    [Fact]
    public void An_encoding_over_the_limit_is_out_of_memory_and_nothing_is_sent()
    {
        var (server, client) = MemoryPeer.Pair();
        server.EncodeBufferMaxSize = 1024;
        Assert.Equal(Error.OutOfMemory, server.PutVar(new byte[1025]));
        Assert.Equal(Error.OutOfMemory, server.GetPacketError());
        Assert.Equal(Error.OutOfMemory, server.PutVar(new string('x', 100_000)));
        Assert.Equal(Error.OutOfMemory, server.PutVar(Enumerable.Repeat("many", 1_000).ToArray()));
        Assert.Equal(Error.Ok, server.PutVar(new string('x', 1021)));
        client.Poll(TimeSpan.Zero);
        Assert.Equal(1021, client.GetVar<string>()!.Length);
        Assert.Equal(0, client.GetAvailablePacketCount());
    }

    [Fact]
    public void A_type_without_a_format_is_the_callers_mistake_and_costs_no_packet()
    {
        var (server, client) = MemoryPeer.Pair();
        server.PutVar(1);
        client.Poll(TimeSpan.Zero);
        Assert.ThrowsAny<Exception>(() => client.GetVar<Unformatted>());
        Assert.ThrowsAny<Exception>(() => server.PutVar(new Unformatted()));
        Assert.Equal(1, client.GetVar<int>());
    }

    [Theory]
    [InlineData("c1")]
    [InlineData("cd01")]
    [InlineData("0101")]
    [InlineData("ff")]
    [InlineData("a3ffffff")]
    [InlineData("dfffffffff")]
    [InlineData("c9ffffffff64")]
    public void Bytes_that_are_not_exactly_the_value_are_invalid_data(string hex)
    {
        Assert.Equal(Error.InvalidData, Decode<uint[]>(Convert.FromHexString(hex)));
        Assert.Equal(Error.InvalidData, Decode<Dictionary<int, string>>(Convert.FromHexString(hex)));
        Assert.Equal(Error.InvalidData, Decode<Shot>(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Deep_nesting_is_invalid_data_and_not_the_end_of_the_process()
    {
        var nested = new byte[1_000_000];
        Array.Fill(nested, (byte)0x91);
        Assert.Equal(Error.InvalidData, Decode<object>(nested));
        Assert.Equal(Error.InvalidData, Decode<Tree>(nested));
        Assert.Equal(Error.InvalidData, Decode<int>(nested));
    }

    [Theory]
    [InlineData("dd7fffffff")]
    [InlineData("ddffffffff")]
    [InlineData("df7fffffff")]
    [InlineData("c67fffffff")]
    [InlineData("db7fffffff")]
    public void A_count_that_the_bytes_do_not_hold_allocates_nothing_of_that_size(string hex)
    {
        var bomb = Convert.FromHexString(hex);
        Decode<long[]>(bomb);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(Error.InvalidData, Decode<long[]>(bomb));
        Assert.Equal(Error.InvalidData, Decode<List<Shot>>(bomb));
        Assert.Equal(Error.InvalidData, Decode<Dictionary<string, string>>(bomb));
        Assert.Equal(Error.InvalidData, Decode<byte[]>(bomb));
        Assert.Equal(Error.InvalidData, Decode<string>(bomb));
        Assert.Equal(Error.InvalidData, Decode<object>(bomb));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Bytes_never_choose_the_type()
    {
        // The typeless extension (100) with a type name in it is just bytes that are no value.
        var typeless = new byte[] { 0xC7, 0x10, 100, 0xAE }.Concat("System.Version"u8.ToArray()).Append((byte)0xC0).ToArray();
        Assert.Equal(Error.InvalidData, Decode<object>(typeless));
    }

    private static Error Decode<T>(byte[] bytes)
    {
        var (server, client) = MemoryPeer.Pair();
        server.PutPacket(bytes);
        client.Poll(TimeSpan.Zero);
        var value = client.GetVar<T>();
        if (client.GetPacketError() != Error.Ok)
            Assert.Equal(default, value);
        Assert.Equal(0, client.GetAvailablePacketCount());
        return client.GetPacketError();
    }

    private static T? Roundtrip<T>(T value)
    {
        var (server, client) = MemoryPeer.Pair();
        Assert.Equal(Error.Ok, server.PutVar(value));
        client.Poll(TimeSpan.Zero);
        var got = client.GetVar<T>();
        Assert.Equal(Error.Ok, client.GetPacketError());
        return got;
    }

    [MessagePackObject]
    public sealed class Shot
    {
        [Key(0)]
        public int Power { get; set; }
    }

    [MessagePackObject]
    public sealed class Tree
    {
        [Key(0)]
        public Tree? Child { get; set; }
    }

    public sealed class Unformatted
    {
        public IntPtr Handle { get; set; }
    }
}
