using BenchmarkDotNet.Attributes;
using Peer.Protocol.Crypto;

namespace Peer.Lab.Codec;

/// <summary>Sealing and opening one datagram in place.</summary>
[MemoryDiagnoser]
public class SealBenchmarks
{
    private readonly PacketProtection _sealing = Keys().FromClient();
    private readonly PacketProtection _opening = Keys().FromClient();
    private byte[] _datagram = [];
    private byte[] _sealed = [];
    private long _number;

    [Params(64, 1_200, 8_192)]
    public int Bytes { get; set; }

    internal static SessionKeys Keys() => new(new byte[PacketProtection.KeyLength], new byte[PacketProtection.IvLength], new byte[PacketProtection.KeyLength], new byte[PacketProtection.IvLength]);

    [GlobalSetup]
    public void SetUp()
    {
        _datagram = new byte[Bytes];
        _sealed = new byte[Bytes];
        using var once = Keys().FromClient();
        once.Seal(_sealed, SealedHeader.Length, 0);
    }

    [Benchmark]
    public void Seal() => _sealing.Seal(_datagram, SealedHeader.Length, ++_number);

    /// <summary>With the copy that puts the sealed bytes back in place.</summary>
    [Benchmark]
    public bool Open()
    {
        _sealed.CopyTo(_datagram, 0);
        return _opening.Open(_datagram, SealedHeader.Length, 0);
    }
}
