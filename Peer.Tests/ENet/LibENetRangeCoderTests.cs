using System.Runtime.InteropServices;
using CsCheck;
using Peer.Protocol.ENet;

namespace Peer.Tests.ENet;

/// <summary>The range coder against libenet's own, byte for byte.</summary>
public sealed unsafe partial class LibENetRangeCoderTests
{
    private const string Library = "libenet.so.7";

    private static readonly Gen<byte[]> Texts = Gen.OneOf(
        Gen.Byte[97, 103].Array[1, 3_000],
        Gen.Byte[0, 40].Array[1, 4_000],
        Gen.Select(Gen.Byte.Array[1, 40], Gen.Int[1, 90]).Select((part, count) => Enumerable.Repeat(part, count).SelectMany(x => x).ToArray()),
        Gen.Select(Gen.Byte.Array[1, 700], Gen.Int[2, 5]).Select((parts, count) => parts.SelectMany(x => Enumerable.Repeat(x, count)).ToArray()));

    [LibENetFact]
    public void Both_write_the_same_and_each_reads_the_other() =>
        Texts.Where(text => text.Length <= ENetFormat.MaxMtu).Sample(text =>
        {
            var theirs = Create();
            using var ours = new RangeCoder();
            var (packed, packedByThem) = (new byte[text.Length], new byte[text.Length]);
            var length = ours.Compress(text, packed);
            nuint theirLength;
            fixed (byte* source = text, destination = packedByThem)
            {
                var buffer = new Buffer { Data = source, Length = (nuint)text.Length };
                theirLength = Compress(theirs, &buffer, 1, (nuint)text.Length, destination, (nuint)text.Length);
            }

            Assert.Equal((int)theirLength, length);
            Assert.Equal(packedByThem[..length], packed[..length]);
            if (length > 0)
            {
                var expanded = new byte[ENetFormat.MaxMtu];
                Assert.Equal(text.Length, ours.Expand(packedByThem.AsSpan(0, length), expanded));
                Assert.Equal(text, expanded[..text.Length]);
            }

            Destroy(theirs);
        }, iter: 400, threads: 1);

    [LibENetFact]
    public void Both_make_the_same_of_nonsense() =>
        Gen.Byte.Array[1, 600].Sample(bytes =>
        {
            var theirs = Create();
            using var ours = new RangeCoder();
            var (expanded, expandedByThem) = (new byte[ENetFormat.MaxMtu], new byte[ENetFormat.MaxMtu]);
            var length = ours.Expand(bytes, expanded);
            fixed (byte* source = bytes, destination = expandedByThem)
                Assert.Equal((int)Decompress(theirs, source, (nuint)bytes.Length, destination, ENetFormat.MaxMtu), length);
            Assert.Equal(expandedByThem[..length], expanded[..length]);
            Destroy(theirs);
        }, iter: 400, threads: 1);

    [LibraryImport(Library, EntryPoint = "enet_range_coder_create")]
    private static partial nint Create();

    [LibraryImport(Library, EntryPoint = "enet_range_coder_destroy")]
    private static partial void Destroy(nint coder);

    [LibraryImport(Library, EntryPoint = "enet_range_coder_compress")]
    private static partial nuint Compress(nint coder, Buffer* buffers, nuint count, nuint limit, byte* destination, nuint destinationLimit);

    [LibraryImport(Library, EntryPoint = "enet_range_coder_decompress")]
    private static partial nuint Decompress(nint coder, byte* source, nuint limit, byte* destination, nuint destinationLimit);

    private struct Buffer
    {
        public byte* Data;
        public nuint Length;
    }
}
