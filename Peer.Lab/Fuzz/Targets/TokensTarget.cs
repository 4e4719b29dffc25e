using System.Buffers.Text;
using System.Text;
using Peer.Lab.Fuzz.World;
using Peer.Protocol.Handshake;
using Peer.TestKit;

namespace Peer.Lab.Fuzz.Targets;

/// <summary>
/// Connect tokens from three sides, by the first byte: text as a client is given it (0), the bytes behind that text (1), a sealed part as it comes in a HELLO (2), and the inside of one that is sealed
/// under the right key (3).
/// </summary>
internal sealed class TokensTarget : IFuzzTarget
{
    public const string TargetName = "tokens";

    private const ulong Application = 0xA991;
    private const long Expiry = 1_700_000_060;
    private readonly byte[] _key = new byte[32];

    public TokensTarget()
    {
        var random = new SeededSource(0x70C3);
        random.Fill(_key);
        var token = new ConnectTokenIssuer(3, _key, "fuzzed", random).Issue(77, ["play.example.org:7777", "[::1]:9"], 1_700_000_000, TimeSpan.FromMinutes(1), [4, 5, 6]);
        var text = token.ToString();
        Seeds =
        [
            [0, .. Encoding.ASCII.GetBytes(text)], [0, .. Encoding.ASCII.GetBytes($" {text}\n")], [1, .. Base64Url.DecodeFromChars(text)], [2, .. token.PrivatePart],
            [3, .. TokenForge.Inside([1, 2, 3], "play.example.org:7777")], [3, .. TokenForge.Inside([], "a:1", "b:2")],
        ];
    }

    public string Name => TargetName;

    public int MaxBytes => 3_072;

    public long AllowedBytes => 64 << 10;

    public IReadOnlyList<byte[]> Seeds { get; }

    public void Execute(ReadOnlyMemory<byte> input)
    {
        if (input.IsEmpty)
            return;
        var bytes = input.Span[1..];
        switch (input.Span[0] & 3)
        {
            case 0:
                Parse(Encoding.Latin1.GetString(bytes));
                break;
            case 1:
                Parse(Base64Url.EncodeToString(bytes));
                break;
            case 2:
                Open(bytes);
                break;
            default:
                Open(TokenForge.Seal(3, _key, Application, Expiry, bytes));
                break;
        }
    }

    public int Mutate(Span<byte> buffer, int length, SeededSource random)
    {
        if (length < 2)
            return Havoc.Mutate(buffer, length, random);
        if (random.Below(16) == 0)
            buffer[0] = (byte)random.Below(4);
        return 1 + Havoc.Mutate(buffer[1..], length - 1, random);
    }

    public void Dispose()
    {
    }

    private static void Parse(string text)
    {
        if (!ConnectToken.TryParse(text, out var token))
            return;
        BrokenLawException.Unless(token.Endpoints.Count is > 0 and <= byte.MaxValue && token.PrivatePart.Length <= HandshakeFormat.MaxTokenLength, "a token is larger than a token may be");
        BrokenLawException.Unless(
            ConnectToken.TryParse(token.ToString(), out var again) && again.Expiry == token.Expiry && again.Endpoints.SequenceEqual(token.Endpoints) && again.PrivatePart.SequenceEqual(token.PrivatePart),
            "a token writes itself as another one");
    }

    private void Open(ReadOnlySpan<byte> sealedPart)
    {
        if (!TokenSeal.TryOpen(sealedPart, _key, Application, out var opened))
            return;
        BrokenLawException.Unless(opened.UserData.Length <= TokenSeal.MaxUserDataLength && opened.Id.Length == TokenSeal.IdLength && opened.Servers.Count <= byte.MaxValue, "an opened token is larger than one may be");
        opened.IsFor(["play.example.org:7777"]);
    }
}
