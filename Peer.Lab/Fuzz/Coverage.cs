using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Peer.Lab.Fuzz;

/// <summary>
/// Which edges of the instrumented code an execution has passed, and roughly how often: the map that the traces of SharpFuzz write into, after AFL's. Only code that the one fuzzing thread runs is traced.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Size = 1 << 16;

    /// <summary>For as long as the process lives: whatever runs of the instrumented code, finalizers too, writes here.</summary>
    private static readonly byte* Map = (byte*)NativeMemory.AllocZeroed(Size);

    private readonly byte[] _seen = new byte[Size];

    public Coverage() => SharpFuzz.Common.Trace.SharedMem = Map;

    /// <summary>Edges passed so far by any input.</summary>
    public int Edges { get; private set; }

    /// <summary>Whether anything was traced at all: the code under test is the instrumented one.</summary>
    public bool IsLive => Edges > 0;

    /// <summary>A target may mark what it has come to itself, as if it were an edge.</summary>
    public static void Mark(int place) => Map[place & (Size - 1)]++;

    /// <summary>Before an execution.</summary>
    public void Clear()
    {
        new Span<byte>(Map, Size).Clear();
        SharpFuzz.Common.Trace.PrevLocation = 0;
    }

    /// <summary>After one: whether it passed an edge, or passed one a number of times, that no other has.</summary>
    public bool Learn()
    {
        var isNew = false;
        fixed (byte* seen = _seen)
        {
            for (var at = 0; at < Size; at += Vector256<byte>.Count)
            {
                var counts = Vector256.Load(Map + at);
                if (counts == Vector256<byte>.Zero || Vector256.AndNot(Buckets(counts), Vector256.Load(seen + at)) == Vector256<byte>.Zero)
                    continue;
                isNew = true;
                Enter(at);
            }
        }

        return isNew;
    }

    /// <summary>The edges of the last execution, with their buckets; for choosing few inputs that pass all of them.</summary>
    public HashSet<int> Passed()
    {
        var passed = new HashSet<int>();
        for (var at = 0; at < Size; at++)
        {
            if (Map[at] != 0)
                passed.Add((at << 8) | Bucket(Map[at]));
        }

        return passed;
    }

    private void Enter(int from)
    {
        for (var at = from; at < from + Vector256<byte>.Count; at++)
        {
            if (Map[at] != 0 && _seen[at] == 0)
                Edges++;
            _seen[at] |= Bucket(Map[at]);
        }
    }

    private static Vector256<byte> Buckets(Vector256<byte> counts)
    {
        // Thresholds rise, so the last one that a count reaches has the word.
        var bucket = Vector256.Min(counts, Vector256.Create((byte)2));
        bucket = Reached(counts, 3, 4, bucket);
        bucket = Reached(counts, 4, 8, bucket);
        bucket = Reached(counts, 8, 16, bucket);
        bucket = Reached(counts, 16, 32, bucket);
        bucket = Reached(counts, 32, 64, bucket);
        return Reached(counts, 128, 128, bucket);
    }

    private static Vector256<byte> Reached(Vector256<byte> counts, byte threshold, byte bucket, Vector256<byte> otherwise) =>
        Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(counts, Vector256.Create(threshold)), Vector256.Create(bucket), otherwise);

    /// <summary>1, 2, 3, 4-7, 8-15, 16-31, 32-127, 128 and more: a bit each.</summary>
    private static byte Bucket(byte count) => count switch
    {
        0 => 0,
        <= 3 => (byte)(1 << (count - 1)),
        < 128 => (byte)(1 << Math.Min(6, BitOperations.Log2(count) + 1)),
        _ => 128,
    };
}
