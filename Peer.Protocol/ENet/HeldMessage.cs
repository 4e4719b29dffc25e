using Peer.Protocol.Delivery;

namespace Peer.Protocol.ENet;

/// <summary>A message that has come before its turn, or not all of it yet.</summary>
internal sealed class HeldMessage
{
    /// <summary>What holding one costs beside its bytes.</summary>
    private const int Overhead = 128;

    private readonly ByteBudget _budget;
    private readonly RunBuffer? _bytes;
    private readonly int _length;
    private readonly int _charged;

    private HeldMessage(ByteBudget budget, ushort reliable, ushort unreliable, RunBuffer? bytes, int length, FragmentAssembly? assembly)
    {
        _budget = budget;
        ReliableNumber = reliable;
        UnreliableNumber = unreliable;
        _bytes = bytes;
        _length = length;
        _charged = length + Overhead;
        Assembly = assembly;
    }

    public ushort ReliableNumber { get; }

    public ushort UnreliableNumber { get; }

    /// <summary>Its pieces, null when it came whole.</summary>
    public FragmentAssembly? Assembly { get; }

    public bool IsComplete => Assembly is null or { IsComplete: true };

    /// <summary>How many sequence numbers it takes up.</summary>
    public int Numbers => Assembly?.Count ?? 1;

    /// <summary>Holds a copy; null when the budget has no room.</summary>
    public static HeldMessage? TryHold(ByteBudget budget, ushort reliable, ushort unreliable, ReadOnlySpan<byte> payload)
    {
        if (!budget.TryReserve(payload.Length + Overhead))
            return null;
        return new HeldMessage(budget, reliable, unreliable, payload.IsEmpty ? null : RunBuffer.Copy(payload), payload.Length, null);
    }

    /// <summary>Waits for pieces; null when the budget has no room.</summary>
    public static HeldMessage? TryAssemble(ByteBudget budget, ushort reliable, ushort unreliable, in Fragment fragment, long now)
    {
        if (!budget.TryReserve(Overhead))
            return null;
        if (FragmentAssembly.TryStart(fragment, budget, now) is { } assembly)
            return new HeldMessage(budget, reliable, unreliable, null, 0, assembly);
        budget.Release(Overhead);
        return null;
    }

    /// <summary>The bytes of a complete one; in a buffer that the caller releases when they had to be joined.</summary>
    public ReadOnlySpan<byte> Read(out RunBuffer? joined)
    {
        if (Assembly is { } assembly)
            return assembly.Read(out joined);
        joined = null;
        return _bytes is null ? default : _bytes.Array.AsSpan(0, _length);
    }

    public void Release()
    {
        Assembly?.Release();
        _bytes?.Release();
        _budget.Release(_charged);
    }
}
