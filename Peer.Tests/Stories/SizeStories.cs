using System.Buffers.Binary;
using System.Diagnostics;
using Peer.Protocol;
using Xunit.Abstractions;

namespace Peer.Tests.Stories;

public sealed class SizeStories(ITestOutputHelper output)
{
    private const int Limit = 16 << 20;

    [Fact]
    public void The_largest_message_arrives_whole_and_one_byte_more_is_out_of_memory()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        var largest = Pattern(Limit, 1);

        Assert.Equal(Error.OutOfMemory, client.Put(new byte[Limit + 1], 1));
        Assert.Equal(Error.Ok, client.Put(largest, 1));
        arena.Until(() => server.Packets.Count == 1, "16 MiB arrive");

        Assert.True(largest.AsSpan().SequenceEqual(server.Packets[0].Payload));
        Assert.Equal(Error.OutOfMemory, server.Put(new byte[Limit + 1], client.Id));
        Assert.Equal(Error.Ok, server.Say("still here"));
        arena.Until(() => client.Packets.Count == 1, "the peer is usable");
    }

    [Theory]
    [InlineData(TransferMode.Reliable)]
    [InlineData(TransferMode.UnreliableOrdered)]
    [InlineData(TransferMode.Unreliable)]
    public void A_message_of_250_kilobytes_arrives_whole_in_every_mode_and_both_ways(TransferMode mode)
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        var up = Pattern(250 * 1024, 2);
        var down = Pattern(250 * 1024, 3);

        PutUntilHeard(arena, client, server, up, mode);
        PutUntilHeard(arena, server, client, down, mode);

        Assert.True(up.AsSpan().SequenceEqual(server.Packets[0].Payload));
        Assert.True(down.AsSpan().SequenceEqual(client.Packets[0].Payload));
        Assert.Equal(mode, server.Packets[0].Mode);
    }

    [Fact]
    public void Ten_messages_of_the_largest_size_at_once_all_arrive_in_order()
    {
        using var arena = new Arena(output, "actorpeer.delivery.max-message = 1MiB");
        var server = arena.Serve();
        var client = arena.Join(server);

        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Error.Ok, client.Put(Pattern(1 << 20, i), 1));
            Assert.Equal(Error.Ok, server.Put(Pattern(1 << 20, -i), client.Id));
        }

        arena.Until(() => server.Packets.Count == 10 && client.Packets.Count == 10, "all arrive");
        for (var i = 0; i < 10; i++)
        {
            Assert.True(Pattern(1 << 20, i).AsSpan().SequenceEqual(server.Packets[i].Payload));
            Assert.True(Pattern(1 << 20, -i).AsSpan().SequenceEqual(client.Packets[i].Payload));
        }
    }

    [Fact]
    public void Every_size_around_the_edges_of_a_frame_arrives_whole()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);
        int[] sizes = [1, 2, 127, 128, 129, .. Enumerable.Range(1100, 140), 2 * 1140, 2400, 3500, 16383, 16384, 16385, 65_535, 65_536, 65_537];

        foreach (var size in sizes)
            Assert.Equal(Error.Ok, client.Put(Pattern(size, size), 1));
        arena.Until(() => server.Packets.Count == sizes.Length, "all arrive");

        for (var i = 0; i < sizes.Length; i++)
            Assert.True(Pattern(sizes[i], sizes[i]).AsSpan().SequenceEqual(server.Packets[i].Payload), $"size {sizes[i]}");
    }

    [Fact]
    public void An_empty_payload_is_ok_and_sends_nothing()
    {
        using var arena = new Arena(output);
        var server = arena.Serve();
        var client = arena.Join(server);

        foreach (var mode in Enum.GetValues<TransferMode>())
        {
            Assert.Equal(Error.Ok, client.Put([], 1, 0, mode));
            Speech.Heard(arena, new Speech(client, "fence", 1, 0, mode, server));
        }

        Assert.All(server.Packets, packet => Assert.Equal("fence", packet.Text));
    }

    /// <summary>Puts it once, but again where it is unreliable and long overdue: its pieces are many, and with one of them all is lost.</summary>
    private static void PutUntilHeard(Arena arena, Player from, Player to, byte[] message, TransferMode mode)
    {
        var put = 0L;
        arena.Until(
            () =>
            {
                if (to.Packets.Count == 0 && (put == 0 || (mode != TransferMode.Reliable && Stopwatch.GetElapsedTime(put).TotalSeconds > 5)))
                {
                    Assert.Equal(Error.Ok, from.Put(message, to.Id, 4, mode));
                    put = Stopwatch.GetTimestamp();
                }

                return to.Packets.Count > 0;
            },
            $"{to.Name} hears it");
    }

    /// <summary>Bytes that no other offset or seed repeats, so that a misplaced piece shows.</summary>
    internal static byte[] Pattern(int size, int seed)
    {
        var bytes = new byte[size];
        for (var i = 0; i + 4 <= size; i += 4)
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i), (i * 31) ^ (seed * 0x01000193));
        if (size > 0)
            bytes[^1] = (byte)(seed + 1);
        return bytes;
    }
}
