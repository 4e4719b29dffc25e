using Peer.TestKit;

namespace Peer.Lab.Fuzz;

/// <summary>
/// Something that reads what a stranger wrote. A target is one file in <c>Targets</c> and one line in <see cref="FuzzTargets"/>. The same input must do the same each time: whatever it changes is made anew
/// for the next one, and neither clock nor chance of this machine is asked.
/// </summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>What <c>--target</c> calls it.</summary>
    string Name { get; }

    /// <summary>Inputs are never longer, in bytes.</summary>
    int MaxBytes { get; }

    /// <summary>What an execution may allocate beside a fixed multiple of its input: the bound of its work, as a count.</summary>
    long AllowedBytes { get; }

    /// <summary>Genuine inputs, to begin with.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Runs the input. Any exception is a finding; a law of its own that was broken is a <see cref="BrokenLawException"/>.</summary>
    void Execute(ReadOnlyMemory<byte> input);

    /// <summary>Changes a field, knowing the format, and returns the new length. The buffer has room for <see cref="MaxBytes"/>.</summary>
    int Mutate(Span<byte> buffer, int length, SeededSource random);
}

/// <summary>What a target promises did not hold for an input.</summary>
internal sealed class BrokenLawException(string law) : Exception(law)
{
    /// <summary>Throws unless the law holds.</summary>
    public static void Unless(bool holds, string law)
    {
        if (!holds)
            throw new BrokenLawException(law);
    }
}
