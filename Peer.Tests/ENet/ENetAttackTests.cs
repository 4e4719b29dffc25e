using System.Buffers.Binary;
using System.Net;
using CsCheck;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Tests.ENet;

/// <summary>What is known to fell ENet servers, against the core.</summary>
public sealed class ENetAttackTests
{
    private static readonly byte[] Hello = "hello"u8.ToArray();

    [Fact]
    public void A_flood_of_connects_from_forged_addresses_keeps_nobody_out_and_leaves_nothing()
    {
        using var pair = new ENetPair(seed: 3);
        var sent = 0L;
        var received = 0L;
        for (var i = 0; i < 50_000; i++)
        {
            var connect = Connect((uint)i);
            received += connect.Length;
            pair.ServerHost.Receive(connect, new IPEndPoint(0x0100000A + i, 1000 + (i % 60_000)), pair.Now, (bytes, _) => sent += bytes.Length);
        }

        Assert.InRange(pair.ServerHost.Gate.Pending, 1, 64);
        Assert.True(sent <= received, $"{sent} bytes for {received}");
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.Client.Peer.State == ENetState.Connected && pair.ServerHost.Accepted.Count == 1, 2_000_000));
    }

    [Fact]
    public void Whoever_forges_an_address_cannot_confirm_without_seeing_the_answer()
    {
        using var pair = new ENetPair(seed: 4);
        var victim = IPEndPoint.Parse("10.9.9.9:999");
        byte[]? answer = null;
        pair.ServerHost.Receive(Connect(7), victim, pair.Now, (bytes, _) => answer = bytes);
        Assert.NotNull(answer);
        var replies = 0;
        var random = new SeededSource(9);
        for (ushort slot = 0; slot < 64; slot++)
        {
            for (byte session = 0; session < 4; session++)
            {
                for (var guess = 0; guess < 64; guess++)
                    pair.ServerHost.Receive(Datagram(slot, session, Ack(0xFF, (ushort)random.Below(65_536), (ushort)random.Below(65_536))), victim, pair.Now, (_, _) => replies++);
            }
        }

        Assert.Empty(pair.ServerHost.Accepted);
        Assert.InRange(replies, 0, 16);
    }

    [Fact]
    public void A_forged_disconnect_needs_the_address_the_slot_the_session_and_the_number()
    {
        using var pair = ENetPair.Connected();
        pair.Run(3_000_000);
        var (slot, session) = Overhear(pair);
        void Try(byte[] datagram, IPEndPoint from)
        {
            pair.Inject(datagram, from, ENetPair.ServerAddress);
            pair.Run(20_000);
            Assert.Equal(ENetState.Connected, pair.Server.Peer.State);
        }

        Try(Datagram(slot, session, Disconnect(2, 0x80)), IPEndPoint.Parse("10.6.6.6:6666"));
        Try(Datagram(slot, (byte)((session + 1) & 3), Disconnect(2, 0x80)), ENetPair.ClientAddress);
        Try(Datagram((ushort)(slot ^ 1), session, Disconnect(2, 0x80)), ENetPair.ClientAddress);
        Try(Datagram(slot, session, Disconnect(40_000, 0x80)), ENetPair.ClientAddress);
        Try(Datagram(slot, session, Disconnect(1, 0x40)), ENetPair.ClientAddress);
        Try(Datagram(slot, session, new byte[] { 0x83, 0xFF, 0, 1 }.Concat(new byte[40]).ToArray()), ENetPair.ClientAddress);
        Assert.True(pair.Server.Peer.Rejected >= 2);
    }

    [Fact]
    public void Fragments_that_lie_overlap_or_never_end_cost_a_bounded_budget()
    {
        using var pair = new ENetPair();
        pair.ServerHost.ReliablePartials = 1 << 20;
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1));
        var (slot, session) = Overhear(pair);
        var random = new SeededSource(5);
        for (var i = 0; i < 20_000; i++)
        {
            var (count, total) = ((uint)random.Below(100_000), (uint)random.Below(40 << 20));
            var length = 1 + random.Below(1_000);
            var number = (uint)random.Below(100_000);
            var fragment = random.Chance(0.5)
                ? Fragment(random.Chance(0.5) ? (byte)0x88 : (byte)12, (byte)random.Below(8), (ushort)random.Below(20_000), (ushort)random.Below(20_000), count, number, total, (uint)random.Below(40 << 20), length)
                : Fragment(0x88, 0, (ushort)(i + 2), (ushort)(i + 2), 20_000, number % 20_000, 20_000_000, number % 20_000 * 1_000, 1_000);
            pair.ServerHost.Receive(Datagram(slot, session, fragment), ENetPair.ClientAddress, pair.Now, (_, _) => { });
        }

        Assert.InRange(pair.ServerHost.PartialBytes, 0, 3 << 20);
        Assert.Empty(pair.Server.Taken);

        // The channel that was not attacked goes on, and what nobody completes ends its sender.
        pair.Client.Send(7, ENetDelivery.Reliable, Hello);
        Assert.True(pair.RunUntil(() => pair.Server.Taken.Count > 0, 5_000_000));
        Assert.True(pair.RunUntil(() => pair.Server.Peer.State == ENetState.Closed, 60_000_000));
        Assert.Equal(ENetEnd.Violation, pair.Server.Peer.End);
        Assert.Equal(0, pair.ServerHost.PartialBytes);
    }

    [Fact]
    public void Messages_ahead_of_their_turn_are_held_up_to_a_budget_and_then_not_acknowledged()
    {
        using var pair = new ENetPair();
        pair.ServerHost.ReliablePartials = 64 << 10;
        pair.Dial();
        Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count == 1));
        var (slot, session) = Overhear(pair);
        for (ushort number = 2; number < 20_000; number++)
            pair.ServerHost.Receive(Datagram(slot, session, Reliable(0, number, new byte[100])), ENetPair.ClientAddress, pair.Now, (_, _) => { });
        Assert.InRange(pair.ServerHost.PartialBytes, 32 << 10, 64 << 10);
        Assert.Empty(pair.Server.Taken);
    }

    [Fact]
    public void Malformed_datagrams_do_nothing_and_throw_nothing() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 3], Gen.Int[0, 1_000]).Sample(
            (bytes, kind, seed) =>
            {
                using var pair = ENetPair.Connected(new ENetSettings { Compressor = kind == 3 ? ENetCompressor.RangeCoder : ENetCompressor.None }, (ulong)seed + 1);
                var (slot, session) = Overhear(pair);
                var datagram = kind switch
                {
                    0 => bytes,
                    1 => Datagram(slot, session, bytes),
                    2 => Datagram(ENetFormat.NoPeer, 0, bytes),
                    _ => Datagram((ushort)(slot | 0x4000), session, bytes),
                };
                pair.Inject(datagram, ENetPair.ClientAddress, ENetPair.ServerAddress);
                pair.Run(20_000);
                if (pair.Server.Peer.State == ENetState.Connected)
                {
                    pair.Client.Send(6, ENetDelivery.Unsequenced, Hello);
                    pair.Run(50_000);
                }
            },
            iter: 2_000, threads: 1);

    [Fact]
    public void Random_commands_of_a_client_end_at_most_that_client() =>
        Gen.Select(Commands, Gen.Int[0, 1_000]).Sample(
            (commands, seed) =>
            {
                using var pair = ENetPair.Connected(seed: (ulong)seed + 1);
                var (slot, session) = Overhear(pair);
                foreach (var command in commands)
                {
                    pair.ServerHost.Receive(Datagram(slot, session, command), ENetPair.ClientAddress, pair.Now, (_, _) => { });
                    pair.Run(1_000);
                }

                Assert.InRange(pair.ServerHost.PartialBytes, 0, 128 << 20);
                pair.Client.Peer.Abandon();
                pair.Run(1_000);
                pair.Dial(data: 77);
                Assert.True(pair.RunUntil(() => pair.ServerHost.Accepted.Count >= 2, 5_000_000));
            },
            iter: 300, threads: 1);

    private static readonly Gen<byte[][]> Commands =
        Gen.Select(Gen.Byte, Gen.Byte[0, 9], Gen.UShort[0, 9], Gen.UInt[0, 5_000], Gen.Byte.Array[0, 60]).Select((kind, channel, number, word, tail) =>
        {
            var command = new byte[ENetFormat.SizeOf((ENetCommand)(kind & 15)) + tail.Length + 4];
            for (var at = 4; at + 4 <= command.Length - tail.Length; at += 4)
                BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(at), at % 8 == 4 ? word : (uint)tail.Length);
            tail.CopyTo(command, command.Length - tail.Length);
            (command[0], command[1]) = (kind, channel == 9 ? (byte)0xFF : channel);
            BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(2), number);
            return command;
        }).Array[1, 30];

    /// <summary>What somebody on the way sees: the client's slot and session at the server.</summary>
    private static (ushort Slot, byte Session) Overhear(ENetPair pair)
    {
        (ushort, byte) seen = default;
        var found = false;
        pair.Watch = (datagram, from) =>
        {
            if (from.Equals(ENetPair.ClientAddress) && ENetHeader.TryRead(datagram, out var header))
                (seen, found) = ((header.PeerId, header.Session), true);
            return true;
        };
        pair.Client.Peer.Ping();
        Assert.True(pair.RunUntil(() => found));
        pair.Run(50_000);
        pair.Watch = null;
        return seen;
    }

    private static byte[] Datagram(ushort slot, byte session, params ReadOnlySpan<byte> body)
    {
        var datagram = new byte[4 + body.Length];
        BinaryPrimitives.WriteUInt16BigEndian(datagram, (ushort)(slot | (session << 12) | 0x8000));
        body.CopyTo(datagram.AsSpan(4));
        return datagram;
    }

    private static byte[] Ack(byte channel, ushort number, ushort time)
    {
        var ack = new byte[8];
        (ack[0], ack[1]) = (1, channel);
        BinaryPrimitives.WriteUInt16BigEndian(ack.AsSpan(2), number);
        BinaryPrimitives.WriteUInt16BigEndian(ack.AsSpan(4), number);
        BinaryPrimitives.WriteUInt16BigEndian(ack.AsSpan(6), time);
        return ack;
    }

    private static byte[] Disconnect(ushort number, byte flag)
    {
        var command = new byte[8];
        (command[0], command[1]) = ((byte)(4 | flag), 0xFF);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(2), number);
        return command;
    }

    private static byte[] Reliable(byte channel, ushort number, byte[] payload)
    {
        var command = new byte[6 + payload.Length];
        (command[0], command[1]) = (0x86, channel);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(2), number);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(4), (ushort)payload.Length);
        return command;
    }

    private static byte[] Fragment(byte kind, byte channel, ushort number, ushort start, uint count, uint index, uint total, uint offset, int length)
    {
        var command = new byte[24 + length];
        (command[0], command[1]) = (kind, channel);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(2), number);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(4), start);
        BinaryPrimitives.WriteUInt16BigEndian(command.AsSpan(6), (ushort)length);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(8), count);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(12), index);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(16), total);
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(20), offset);
        return command;
    }

    private static byte[] Connect(uint id)
    {
        var command = new byte[48];
        (command[0], command[1], command[3]) = (0x82, 0xFF, 1);
        new ConnectionOffer((ushort)(id & 0xFF), 0xFF, 0xFF, 1392, 65_536, 4, 0, 0, 5000, 2, 2, id).Write(command.AsSpan(4));
        BinaryPrimitives.WriteUInt32BigEndian(command.AsSpan(44), id + 2);
        return Datagram(ENetFormat.NoPeer, 0, command);
    }
}
