using System.Buffers.Binary;
using Peer.Lab.Fuzz.World;
using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// HELLOs that pass the first checks: each step is one without its padding. By the control byte it gets the cookie that its address is due (bit 0), and its token is sealed under the server's key with
/// what follows the HELLO's fields as inside (bit 1); bits 2-4 are the address, bits 5-7 how much time passes.
/// </summary>
internal sealed class HelloTarget : IFuzzTarget
{
    public const string TargetName = "hello";

    private const int MostHellos = 3;
    private const int TokenLengthAt = 119;
    private const int LongestInside = HandshakeFormat.MaxTokenLength - 1 - 32 - 8 - 16;

    private readonly StrangersGate _gate = new();

    public HelloTarget()
    {
        var plain = Trimmed(_gate.Bytes(_gate.Hello()));
        var token = Trimmed(_gate.Bytes(_gate.WithToken(_gate.Hello())));
        byte[] inside = [.. plain, .. TokenForge.Inside([1, 2, 3], "play.example.org:7777", "other.example.org:1")];
        Seeds = [Script.Of((0, plain)), Script.Of((1, plain), (1, plain), (5, plain)), Script.Of((1, token)), Script.Of((3, inside)), Script.Of((3, inside), (7, inside), (3 + (7 << 5), inside))];
    }

    public string Name => TargetName;

    public int MaxBytes => 4_096;

    public long AllowedBytes => 256 << 10;

    public IReadOnlyList<byte[]> Seeds { get; }

    public void Execute(ReadOnlyMemory<byte> input)
    {
        var script = new Script(input.Span, MostHellos);
        var elapsed = 0L;
        Span<byte> datagram = stackalloc byte[HandshakeFormat.HelloLength];
        while (script.Next())
        {
            elapsed += StepTime.ShortOf(script.Control >> 5);
            var address = (script.Control >> 2) & 7;
            datagram.Clear();
            script.Bytes[..Math.Min(script.Bytes.Length, datagram.Length)].CopyTo(datagram);
            if ((script.Control & 2) != 0)
                PutToken(datagram, script.Bytes);
            if ((script.Control & 1) != 0 && Hello.TryRead(datagram, out var hello) && hello.ApplicationId == HandshakeFormat.ApplicationId("fuzzed"))
                _gate.WithCookie(hello, address).Write(datagram);
            _gate.Greet(datagram, address, elapsed);
        }

        _gate.Forget();
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random) =>
        Script.Mutate(buffer, length, random, static (bytes, size, random) => bytes.IsEmpty ? 0 : random.Below(2) == 0 && size > 0 ? HelloFields.Mutate(bytes, size, random) : Havoc.Mutate(bytes, size, random));

    public void Dispose()
    {
    }

    /// <summary>The fixed fields stay; instead of token and application data comes a token with the rest as its inside.</summary>
    private void PutToken(Span<byte> datagram, ReadOnlySpan<byte> bytes)
    {
        var inside = bytes.Length > TokenLengthAt + 7 ? bytes[(TokenLengthAt + 7)..] : default;
        var token = _gate.SealToken(inside[..Math.Min(inside.Length, LongestInside)]);
        datagram[(TokenLengthAt - 1)..].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(datagram[TokenLengthAt..], (ushort)token.Length);
        token.CopyTo(datagram[(TokenLengthAt + 2)..]);
    }

    private static byte[] Trimmed(byte[] datagram) => datagram[..(datagram.AsSpan().LastIndexOfAnyExcept((byte)0) + 1)];
}
