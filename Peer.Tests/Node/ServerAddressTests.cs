using Peer.Node;

namespace Peer.Tests.Node;

public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9000", "127.0.0.1", 9000)]
    [InlineData("localhost:1", "localhost", 1)]
    [InlineData("game.example.org:65535", "game.example.org", 65535)]
    [InlineData("game.example.org", "game.example.org", 7777)]
    [InlineData("192.0.2.1", "192.0.2.1", 7777)]
    [InlineData("[::1]:7777", "::1", 7777)]
    [InlineData("[::1]", "::1", 7777)]
    [InlineData("[2001:db8::5]:80", "2001:db8::5", 80)]
    [InlineData("[fe80::1%1]:80", "fe80::1%1", 80)]
    public void An_address_is_read(string text, string host, int port)
    {
        var address = ServerAddress.Parse(text, out var problem);

        Assert.Equal("", problem);
        Assert.Equal(new ServerAddress(host, port), address);
        Assert.Equal(address, ServerAddress.Parse(address!.ToString(), out _));
    }

    [Theory]
    [InlineData("", "names no host")]
    [InlineData(":7777", "names no host")]
    [InlineData("::1", "brackets")]
    [InlineData("2001:db8::5:80", "brackets")]
    [InlineData("[::1", "no closing bracket")]
    [InlineData("[127.0.0.1]:7777", "no IPv6 address")]
    [InlineData("[::1]7777", "something else than :PORT")]
    [InlineData("[]:7777", "no IPv6 address")]
    [InlineData("host:", "no UDP port")]
    [InlineData("host:0", "no UDP port")]
    [InlineData("host:65536", "no UDP port")]
    [InlineData("host:-1", "no UDP port")]
    [InlineData("host:+1", "no UDP port")]
    [InlineData("host: 1", "no UDP port")]
    [InlineData("host:99999999999", "no UDP port")]
    [InlineData("[::1]:x", "no UDP port")]
    [InlineData("no host:1", "neither a host name nor an address")]
    public void What_is_no_address_is_refused_with_the_reason(string text, string reason)
    {
        Assert.Null(ServerAddress.Parse(text, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }
}
