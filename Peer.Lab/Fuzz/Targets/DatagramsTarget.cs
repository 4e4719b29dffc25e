using Peer.Lab.Fuzz.World;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handshake;
using Peer.Protocol.Wire;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// A server with two clients, as the open internet sees it: gate, token history, and the links of the clients behind their connection ids. Each step is one payload of UDP, which may hold several
/// datagrams; the control byte has the sender's address (bits 0-2) and how much time passes first (bits 3-5). Among the genuine inputs are recorded datagrams of one client, to be replayed and damaged.
/// </summary>
internal sealed class DatagramsTarget : IFuzzTarget
{
    public const string TargetName = "datagrams";

    private const long Start = 50_000_000;
    private const int Recorded = 6;

    /// <summary>The first client is listened to at the end of one input of so many; the second whenever somebody has written to it.</summary>
    private const int ListenedOneIn = 4;

    private readonly Membership _first = new(0xF1457);
    private readonly Membership _second = new(0x5EC04D);
    private readonly StrangersGate _gate = new();

    public DatagramsTarget() => Seeds = MakeSeeds();

    public string Name => TargetName;

    public int MaxBytes => 8_192;

    public long AllowedBytes => 256 << 10;

    public IReadOnlyList<byte[]> Seeds { get; }

    public void Execute(ReadOnlyMemory<byte> input)
    {
        var now = Start;
        var partials = new ByteBudget(64 << 20);
        ServedPeer? second = null;
        using (var first = _first.Serve(partials, now, messages: 1))
        {
            var script = new Script(input.Span);
            while (script.Next())
            {
                now += StepTime.ShortOf(script.Control >> 3);
                first.Wake(now);
                Route(script.Bytes, script.Control & 7, now - Start, first, id => id == _second.ServerId ? second ??= _second.Serve(partials, now, messages: 1) : null, now);
            }

            // What the attacker has of the second client is nothing, and of the first a few recordings.
            BrokenLawException.Unless(first.Link.Counters.DatagramsOpened <= Recorded && first.Messages <= Recorded, "a recording was taken twice");
            if (Script.IsOneOf(ListenedOneIn, input.Span))
                _first.MustBeHeard(first, now);
        }

        if (second is not null)
        {
            BrokenLawException.Unless(second.Link.Counters.DatagramsOpened == 0, "a datagram opened without the keys");
            _second.MustBeHeard(second, now);
            second.Dispose();
        }

        _gate.Forget();
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random) => Script.Mutate(buffer, length, random, MutateDatagram);

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    /// <summary>As the transport's router does it.</summary>
    private void Route(ReadOnlySpan<byte> received, int address, long elapsed, ServedPeer first, Func<ulong, ServedPeer?> other, long now)
    {
        while (!received.IsEmpty)
        {
            if (!SealedHeader.TryRead(received, out var id, out _, out var size))
            {
                if (HandshakeFormat.IsHandshake(received[0]))
                    _gate.Greet(received[..Math.Min(received.Length, HandshakeFormat.HelloLength)], address, elapsed);
                return;
            }

            if (id == _first.ServerId)
                first.Receive(received[..size], now);
            else
                other(id)?.Receive(received[..size], now);
            received = received[size..];
        }
    }

    private static int MutateDatagram(Span<byte> bytes, int length, SeededSource random)
    {
        if (length < SealedHeader.Length || bytes.IsEmpty)
            return bytes.IsEmpty ? 0 : Havoc.Mutate(bytes, length, random);
        if ((bytes[0] & ~SealedHeader.PhaseMask) == SealedHeader.Kind)
        {
            // Phase, a bit of the id, the number, the length.
            var at = random.Below(4) switch { 0 => 0, 1 => 1 + random.Below(8), 2 => 9 + random.Below(4), _ => 13 + random.Below(2) };
            bytes[at] = at == 0 ? (byte)(SealedHeader.Kind | random.Below(16)) : (byte)(bytes[at] + random.Below(7) - 3);
            return length;
        }

        return bytes[0] == HandshakeFormat.HelloKind ? HelloFields.Mutate(bytes, length, random) : Havoc.Mutate(bytes, length, random);
    }

    private byte[][] MakeSeeds()
    {
        var key = new SequenceKey(0, TransferMode.Reliable);
        var recorded = Enumerable.Range(0, Recorded).Select(i => _first.Sealer.Seal(i, i == 0 ? [FrameType.Ping] : Frames.Data(key, i - 1, null, [(byte)i]))).ToArray();
        var unknown = _first.Sealer.Seal(9, [FrameType.Ping]);
        unknown[3] ^= 1;
        var elsewhere = _second.Sealer.Seal(0, [FrameType.Ping]);

        // Not one bit away from a genuine one, or the fuzzer mends it and is right.
        elsewhere.AsSpan(SealedHeader.Length).Fill(0xEE);
        var hello = _gate.Hello();
        return
        [
            Script.Of((0, _gate.Bytes(hello))),
            Script.Of((0, _gate.Bytes(_gate.WithCookie(hello, address: 0)))),
            Script.Of((1, _gate.Bytes(_gate.WithCookie(hello, address: 0)))),
            Script.Of((2, _gate.Bytes(_gate.WithCookie(_gate.WithToken(hello), address: 2)))),
            .. recorded.Select(datagram => Script.Of((0, datagram))),
            Script.Of((3, [.. recorded[0], .. recorded[1], .. recorded[2]])),
            Script.Of((0, elsewhere)),
            Script.Of((3, [.. recorded[2], .. recorded[2], .. unknown, .. recorded[1]])),
            Script.Of((0, [0x51, .. new byte[65]]), (8, [0x52, .. new byte[200]]), (16, [0x53, 1]), (24, [0x54])),
        ];
    }
}
