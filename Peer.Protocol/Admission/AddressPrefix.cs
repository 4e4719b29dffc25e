using System.Buffers.Binary;

namespace Peer.Protocol.Admission;

/// <summary>The first bits of an address: the network that it belongs to, as far as limits go.</summary>
/// <param name="Bits">The bits, those of the host zero; an IPv4 address in the low 32.</param>
/// <param name="Length">How many bits count: 0 .. 32 for IPv4, 0 .. 128 for IPv6.</param>
/// <param name="IsIPv6">Which kind it is.</param>
internal readonly record struct AddressPrefix(UInt128 Bits, int Length, bool IsIPv6)
{
    /// <summary>The networks that one customer of one provider gets to use: /24 of IPv4, /64 of IPv6.</summary>
    private const int SourceIPv4 = 24;
    private const int SourceIPv6 = 64;

    /// <summary>The network that counts as one source.</summary>
    /// <param name="address">4 or 16 bytes.</param>
    public static AddressPrefix SourceOf(ReadOnlySpan<byte> address) => Of(address, address.Length == 4 ? SourceIPv4 : SourceIPv6);

    /// <summary>The network of that size around an address.</summary>
    /// <param name="address">4 or 16 bytes.</param>
    /// <param name="length">Bits that count.</param>
    public static AddressPrefix Of(ReadOnlySpan<byte> address, int length)
    {
        var isIPv6 = address.Length == 16;
        if (!isIPv6)
            ArgumentOutOfRangeException.ThrowIfNotEqual(address.Length, 4, nameof(address));
        var width = isIPv6 ? 128 : 32;
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, width);
        var bits = isIPv6 ? BinaryPrimitives.ReadUInt128BigEndian(address) : BinaryPrimitives.ReadUInt32BigEndian(address);
        return new AddressPrefix(Masked(bits, length, width), length, isIPv6);
    }

    /// <summary>The larger network of that size around this one.</summary>
    public AddressPrefix Shortened(int length) => new(Masked(Bits, length, IsIPv6 ? 128 : 32), length, IsIPv6);

    /// <summary>Whether every address of the other network is one of this.</summary>
    public bool Contains(AddressPrefix other) => IsIPv6 == other.IsIPv6 && Length <= other.Length && other.Shortened(Length) == this;

    private static UInt128 Masked(UInt128 bits, int length, int width) => length == 0 ? 0 : bits >> (width - length) << (width - length);
}
