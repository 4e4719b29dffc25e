using System.Buffers.Binary;
using Peer.Lab.Fuzz.World;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// An ENet host and those around it: strangers, a client and its connection at both ends, a client that dials, and a bystander who must not notice anything. The first byte of an input says how datagrams look
/// (bit 0 checksum, bits 1-3 compression, which is dear and therefore seldom), the rest is a script. A step's control byte has who sends what (bits 0-2, <see cref="Sender"/>), how much time passes first (bits 3-5), whether the honest ends say something
/// (bit 6) and whether what they say arrives (bit 7).
/// </summary>
internal sealed class ENetTarget : IFuzzTarget
{
    public const string TargetName = "enet";

    private const long Start = 50_000_000;
    private const uint DialledId = 0xD1A1_D1A1;
    private const int TalkBit = 0x40;
    private const int ArrivesBit = 0x80;

    /// <summary>The bystander is there, and a newcomer joins at the end, for one input of so many.</summary>
    private const int WatchedOneIn = 4;

    private static readonly long[] Times = [0, 0, 1_000, 100_000, 500_000, 1_100_000, 5_100_000, 31_000_000];

    private readonly ENetSettings[] _settings = [.. Enumerable.Range(0, 16).Select(SettingsOf)];

    /// <summary>Who sends a step's bytes, and what the harness does for him.</summary>
    private enum Sender
    {
        Stranger,
        StrangerConnecting,
        StrangerConfirming,
        ClientsAddress,
        Client,
        Server,
        ServersAddress,
        DialledServer,
    }

    public string Name => TargetName;

    public int MaxBytes => 8_192;

    public long AllowedBytes => 4 << 20;

    public IReadOnlyList<byte[]> Seeds { get; } = MakeSeeds();

    public void Execute(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
            return;
        using var scene = new ENetScene(_settings[input.Span[0] & 15], Start, DialledId, Script.IsOneOf(WatchedOneIn, input.Span));
        var script = new Script(input.Span[1..]);
        while (script.Next())
        {
            scene.Pass(Times[(script.Control >> 3) & 7]);
            if ((script.Control & TalkBit) != 0)
                scene.Talk();
            Send(scene, (Sender)(script.Control & 7), script.Bytes);
            scene.Work(arrives: (script.Control & ArrivesBit) != 0);
        }

        scene.EverybodyElseIsServed();
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random)
    {
        if (length == 0)
            return Havoc.Mutate(buffer, length, random);
        if (random.Below(16) == 0)
            buffer[0] = (byte)random.Next();
        return 1 + Script.Mutate(buffer[1..], length - 1, random, static (bytes, size, random) =>
        {
            if (bytes.IsEmpty)
                return 0;

            // Commands begin where the harness puts the header, or behind a header that is part of the step.
            var from = random.Below(4) switch { 0 => ENetFormat.HeaderSize, 1 => ENetFormat.ShortHeaderSize, _ => 0 };
            return random.Below(4) == 0 ? Havoc.Mutate(bytes, size, random) : ENetForge.Mutate(bytes, size, from, random);
        });
    }

    public void Dispose()
    {
    }

    private static void Send(ENetScene scene, Sender sender, ReadOnlySpan<byte> bytes)
    {
        switch (sender)
        {
            case Sender.Stranger:
                scene.FromStranger(bytes);
                break;

            case Sender.StrangerConnecting:
                scene.Connects(bytes);
                break;

            case Sender.StrangerConfirming:
                scene.Confirms(bytes);
                break;

            case Sender.ClientsAddress:
                scene.ToServer(scene.Client.ToServer.Address(bytes));
                break;

            case Sender.Client:
                scene.ToServer(scene.Sealed(scene.Client.ToServer, bytes));
                break;

            case Sender.Server:
                scene.ToClient(scene.Sealed(scene.Client.ToClient, bytes));
                break;

            case Sender.ServersAddress:
                scene.ToClient(scene.Client.ToClient.Address(bytes));
                break;

            default:
                scene.ToDialling(bytes);
                break;
        }
    }

    /// <summary>What is compressed is kept small: its price is by the byte, and what matters is what comes in.</summary>
    private static ENetSettings SettingsOf(int mode)
    {
        var compressor = (mode >> 1) switch { 5 or 6 => ENetCompressor.RangeCoder, 7 => ENetCompressor.Zlib, _ => ENetCompressor.None };
        return new ENetSettings
        {
            Channels = 4,
            MaxMessageBytes = 64 << 10,
            Checksum = (mode & 1) != 0,
            Compressor = compressor,
            Mtu = compressor == ENetCompressor.None ? ENetFormat.DefaultMtu : ENetFormat.MinMtu,
        };
    }

    private static byte[][] MakeSeeds()
    {
        static byte Of(Sender sender, int time = 0, bool talks = false, bool arrives = true) => (byte)((int)sender | (time << 3) | (talks ? TalkBit : 0) | (arrives ? ArrivesBit : 0));
        var offer = new ConnectionOffer(3, 0xFF, 0xFF, 1392, 65_536, 4, 0, 0, 5_000, 2, 2, 77);
        var connect = ENetForge.Connect(offer, 9);
        var verify = ENetForge.Words(ENetCommand.VerifyConnect, 0x80, 0xFF, 1, [.. new uint[10]]);
        (offer with { IncomingSession = 0, OutgoingSession = 0, ConnectId = DialledId }).Write(verify.AsSpan(ENetFormat.CommandHeaderSize));
        var pieces = Enumerable.Range(0, 3).Select(i => ENetForge.Piece(ENetCommand.SendFragment, 0x80, 1, (ushort)(1 + i), 1, 3, (uint)i, 800)).ToArray();
        var loose = Enumerable.Range(0, 3).Select(i => ENetForge.Piece(ENetCommand.SendUnreliableFragment, 0, 2, 0, 1, 3, (uint)i, 800)).ToArray();
        var ping = ENetForge.Words(ENetCommand.Ping, 0x80, 0xFF, 2);
        var leave = ENetForge.Words(ENetCommand.Disconnect, 0x80, 0xFF, 2, 5);
        byte[][] scripts =
        [
            Script.Of((Of(Sender.Stranger), Raw(ENetFormat.NoPeer, connect)), (Of(Sender.Stranger, time: 3), Raw(ENetFormat.NoPeer, connect)), (Of(Sender.Stranger), Raw(0, ping))),
            Script.Of((Of(Sender.StrangerConnecting), connect), (Of(Sender.StrangerConfirming), ENetForge.Reliable(0, 1, 20)), (Of(Sender.StrangerConfirming, time: 4), ping), (Of(Sender.StrangerConfirming), leave)),
            Script.Of((Of(Sender.Client), [.. ENetForge.Reliable(0, 2, 10), .. ENetForge.Reliable(0, 3, 10)]), (Of(Sender.Client, time: 2), [.. ENetForge.Reliable(0, 1, 30), .. ping])),
            Script.Of((Of(Sender.Client), pieces[1]), (Of(Sender.Client), [.. pieces[2], .. loose[0]]), (Of(Sender.Client), [.. pieces[0], .. loose[1], .. loose[2]])),
            Script.Of((Of(Sender.Server), pieces[0]), (Of(Sender.Server, time: 7), ping), (Of(Sender.Server, time: 7), leave)),
            Script.Of((Of(Sender.Client, talks: true, arrives: false), ping), (Of(Sender.Client, time: 5, talks: true), ping), (Of(Sender.Client, time: 6, talks: true), leave)),
            Script.Of((Of(Sender.ClientsAddress), Raw(0, ping)), (Of(Sender.ServersAddress), Raw(0, ENetForge.Reliable(3, 1, 40))), (Of(Sender.ClientsAddress), [0x40, 0, 1, 2, 3, 4, 5, 6])),
            Script.Of((Of(Sender.DialledServer), verify), (Of(Sender.DialledServer), ENetForge.Reliable(0, 1, 40)), (Of(Sender.DialledServer, time: 7), leave)),
            Script.Of((Of(Sender.Server, talks: true), ENetForge.Words(ENetCommand.BandwidthLimit, 0x80, 0xFF, 2, 1_000, 1_000)), (Of(Sender.Client, talks: true), ENetForge.Words(ENetCommand.ThrottleConfigure, 0x80, 0xFF, 2, 1, 0, 32))),
            Script.Of((Of(Sender.Client, talks: true), ENetForge.Numbers(ENetCommand.Acknowledge, 0, 1, 1, 1, 50_000)), (Of(Sender.Client), ENetForge.Numbers(ENetCommand.SendUnsequenced, 0x40, 1, 0, 4, 0))),
        ];
        return [.. scripts.SelectMany((script, i) => (byte[][])[[(byte)(i % 2), .. script], [(byte)(10 + (i % 6)), .. script]])];
    }

    private static byte[] Raw(ushort slot, byte[] body)
    {
        var header = new byte[ENetFormat.HeaderSize];
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)(slot | 0x8000));
        return [.. header, .. body];
    }
}
