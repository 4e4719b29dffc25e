using System.Buffers.Binary;
using Peer.TestKit;

namespace Peer.Lab.Fuzz;

/// <summary>
/// An input as a script of steps: a control byte, a 16-bit length, bytes. Every sequence of bytes is a script: a last step that is cut off has what is there, and whatever comes behind the last step
/// that is allowed is not looked at.
/// </summary>
/// <param name="input">The script.</param>
/// <param name="most">Steps that are looked at.</param>
internal ref struct Script(ReadOnlySpan<byte> input, int most = Script.MaxSteps)
{
    /// <summary>Steps of one script at most: what one input may cost.</summary>
    public const int MaxSteps = 12;

    public const int HeaderLength = 3;

    private ReadOnlySpan<byte> _rest = input;
    private int _steps;

    /// <summary>The step's control byte.</summary>
    public byte Control { get; private set; }

    /// <summary>The step's bytes.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    public bool Next()
    {
        if (_rest.Length < HeaderLength || _steps++ == most)
            return false;
        Control = _rest[0];
        int length = BinaryPrimitives.ReadUInt16LittleEndian(_rest[1..]);
        _rest = _rest[HeaderLength..];
        Bytes = _rest[..Math.Min(length, _rest.Length)];
        _rest = _rest[Bytes.Length..];
        return true;
    }

    /// <summary>Whether an input is one of the so many that a dear check is made for; chosen by its bytes, so that the same input does the same each time.</summary>
    public static bool IsOneOf(int many, ReadOnlySpan<byte> input)
    {
        var hash = 2_166_136_261 ^ (uint)input.Length;
        foreach (var value in input[..Math.Min(input.Length, 256)])
            hash = (hash ^ value) * 16_777_619;
        return (hash ^ (hash >> 15)) % (uint)many == 0;
    }

    /// <summary>A script of these steps.</summary>
    public static byte[] Of(params (byte Control, byte[] Bytes)[] steps)
    {
        using var stream = new MemoryStream();
        Span<byte> header = stackalloc byte[HeaderLength];
        foreach (var (control, bytes) in steps)
        {
            header[0] = control;
            BinaryPrimitives.WriteUInt16LittleEndian(header[1..], checked((ushort)bytes.Length));
            stream.Write(header);
            stream.Write(bytes);
        }

        return stream.ToArray();
    }

    /// <summary>A field-aware change: of the script's order, of a control byte, or of one step's bytes, which is the target's part.</summary>
    /// <param name="buffer">The script, with room behind it.</param>
    /// <param name="length">Its length.</param>
    /// <param name="random">Chance.</param>
    /// <param name="change">Changes a step's bytes, in a buffer with room behind them, and returns their new length.</param>
    public static int Mutate(Span<byte> buffer, int length, SeededSource random, StepChange change)
    {
        Span<int> starts = stackalloc int[MaxSteps + 1];
        var count = 0;
        var end = 0;
        while (count < MaxSteps && length - end >= HeaderLength)
        {
            starts[count++] = end;
            end = Math.Min(length, end + HeaderLength + BinaryPrimitives.ReadUInt16LittleEndian(buffer[(end + 1)..]));
        }

        if (count == 0)
            return Append(buffer, 0, random, change);
        starts[count] = end;
        var picked = random.Below(count);
        var step = buffer[starts[picked]..starts[picked + 1]];
        switch (random.Below(8))
        {
            case 0:
                step[0] = (byte)random.Next();
                return end;
            case 1 when count > 1:
                buffer[starts[picked + 1]..end].CopyTo(buffer[starts[picked]..]);
                return end - step.Length;
            case 2 when count < MaxSteps && end + step.Length <= buffer.Length:
                step.CopyTo(buffer[end..]);
                return end + step.Length;
            case 3 when count < MaxSteps:
                return Append(buffer, end, random, change);
            default:
                return Replace(buffer, starts[picked], starts[picked + 1], end, random, change);
        }
    }

    private static int Append(Span<byte> buffer, int end, SeededSource random, StepChange change)
    {
        var room = buffer.Length - end - HeaderLength;
        if (room < 1)
            return end;
        buffer[end] = (byte)random.Next();
        var length = change(buffer.Slice(end + HeaderLength, Math.Min(room, ushort.MaxValue)), 0, random);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[(end + 1)..], (ushort)length);
        return end + HeaderLength + length;
    }

    private static int Replace(Span<byte> buffer, int from, int to, int end, SeededSource random, StepChange change)
    {
        var behind = end - to;
        var room = Math.Min(buffer.Length - from - HeaderLength - behind, ushort.MaxValue);
        Span<byte> bytes = room <= 4_096 ? stackalloc byte[room] : new byte[room];
        var before = to - from - HeaderLength;
        buffer.Slice(from + HeaderLength, before).CopyTo(bytes);
        var length = change(bytes, before, random);
        buffer[to..end].CopyTo(buffer[(from + HeaderLength + length)..]);
        bytes[..length].CopyTo(buffer[(from + HeaderLength)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(buffer[(from + 1)..], (ushort)length);
        return from + HeaderLength + length + behind;
    }
}

/// <summary>Changes the bytes of one step, in a buffer with room behind them, and returns their new length.</summary>
internal delegate int StepChange(Span<byte> bytes, int length, SeededSource random);
