using System.Net;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

public sealed class EndPointCacheTests
{
    [Theory]
    [InlineData("127.0.0.1", 7777, "127.0.0.1")]
    [InlineData("::1", 1, "::1")]
    [InlineData("fe80::1%3", 65535, "fe80::1%3")]
    [InlineData("::ffff:10.1.2.3", 5000, "10.1.2.3")]
    public void An_address_as_the_kernel_writes_it_becomes_its_endpoint_once(string address, int port, string expected)
    {
        var cache = new EndPointCache();
        var raw = Raw(new IPEndPoint(IPAddress.Parse(address), port));
        var endPoint = cache.Find(raw);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(expected), port), endPoint);
        Assert.NotNull(cache.Find(Raw(new IPEndPoint(IPAddress.Loopback, 1))));
        Assert.Same(endPoint, cache.Find(raw));
    }

    [Fact]
    public void Addresses_that_differ_in_anything_are_different()
    {
        var cache = new EndPointCache();
        IPEndPoint[] all =
        [
            new(IPAddress.Parse("10.0.0.1"), 1), new(IPAddress.Parse("10.0.0.1"), 2), new(IPAddress.Parse("10.0.0.2"), 1),
            new(IPAddress.Parse("fe80::1%1"), 1), new(IPAddress.Parse("fe80::1%2"), 1), new(IPAddress.Parse("fe80::2%1"), 1), new(IPAddress.Parse("fe80::1%1"), 2),
        ];
        Assert.Equal(all, all.Select(endPoint => cache.Find(Raw(endPoint))));
        Assert.Equal(all, all.Select(endPoint => cache.Find(Raw(endPoint))));
    }

    [Fact]
    public void Strangers_without_number_do_not_fill_the_memory()
    {
        var cache = new EndPointCache();
        for (var i = 0; i < 20_000; i++)
            Assert.Equal(i % 65_535 + 1, cache.Find(Raw(new IPEndPoint(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), i % 65_535 + 1)))!.Port);
        Assert.InRange(cache.Count, 1, EndPointCache.Capacity);
    }

    [Fact]
    public void Another_family_has_no_endpoint() => Assert.Null(new EndPointCache().Find(new byte[EndPointCache.AddressBytes]));

    private static byte[] Raw(IPEndPoint endPoint)
    {
        var serialized = endPoint.Serialize();
        var raw = new byte[EndPointCache.AddressBytes];
        serialized.Buffer.Span[..serialized.Size].CopyTo(raw);
        return raw;
    }
}
