using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;

namespace Peer.Actors.Transport;

/// <summary>Turns raw socket addresses into endpoints, each once: those who send, send again.</summary>
internal sealed class EndPointCache
{
    /// <summary>Bytes of the longest address, that of IPv6.</summary>
    public const int AddressBytes = 28;

    /// <summary>Strangers may come from anywhere: beyond this many everything is forgotten.</summary>
    public const int Capacity = 8192;

    private const int FamilyIPv4 = 2;
    private const int FamilyIPv6 = 10;

    private readonly Dictionary<Key, IPEndPoint> _known = [];
    private Key _lastKey;
    private IPEndPoint? _last;

    /// <summary>Endpoints remembered.</summary>
    public int Count => _known.Count;

    /// <summary>The endpoint of an address as Linux writes it, an IPv4-mapped one as plain IPv4; null for another family.</summary>
    public IPEndPoint? Find(ReadOnlySpan<byte> address)
    {
        var family = MemoryMarshal.Read<ushort>(address);
        var key = family switch
        {
            FamilyIPv4 => new Key(MemoryMarshal.Read<ulong>(address), 0, 0),
            FamilyIPv6 => new Key(
                MemoryMarshal.Read<uint>(address) | ((ulong)MemoryMarshal.Read<uint>(address[24..]) << 32),
                MemoryMarshal.Read<ulong>(address[8..]),
                MemoryMarshal.Read<ulong>(address[16..])),
            _ => default,
        };
        if (_last is not null && key == _lastKey)
            return _last;
        if (family is not (FamilyIPv4 or FamilyIPv6))
            return null;
        if (!_known.TryGetValue(key, out var endPoint))
        {
            if (_known.Count == Capacity)
                _known.Clear();
            _known.Add(key, endPoint = Destination.Plain(Read(address, family)));
        }

        _lastKey = key;
        return _last = endPoint;
    }

    private static IPEndPoint Read(ReadOnlySpan<byte> address, int family)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return family == FamilyIPv4
            ? new IPEndPoint(new IPAddress(address.Slice(4, 4)), port)
            : new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port);
    }

    private readonly record struct Key(ulong First, ulong Second, ulong Third);
}
