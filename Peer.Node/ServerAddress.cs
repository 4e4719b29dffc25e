using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Peer.Node;

/// <summary>Where a server is, as people type it: <c>name:port</c>, <c>192.0.2.1:port</c>, <c>[2001:db8::1]:port</c>; without a port, the default one.</summary>
internal sealed record ServerAddress(string Host, int Port)
{
    public const int DefaultPort = 7777;

    /// <summary>Reads an address, or says what is wrong with it.</summary>
    public static ServerAddress? Parse(string text, out string problem)
    {
        problem = "";
        string host;
        string? port;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0)
                return Refuse($"'{text}' has no closing bracket", out problem);
            host = text[1..end];
            if (!IPAddress.TryParse(host, out var address) || address.AddressFamily != AddressFamily.InterNetworkV6)
                return Refuse($"'{host}' in brackets is no IPv6 address", out problem);
            if (end + 1 < text.Length && text[end + 1] != ':')
                return Refuse($"'{text}' goes on after its bracket with something else than :PORT", out problem);
            port = end + 1 < text.Length ? text[(end + 2)..] : null;
        }
        else
        {
            var colon = text.LastIndexOf(':');
            host = colon < 0 ? text : text[..colon];
            port = colon < 0 ? null : text[(colon + 1)..];
            if (host.Contains(':', StringComparison.Ordinal))
                return Refuse($"'{text}' is ambiguous; write an IPv6 address in brackets, as [::1]:{DefaultPort}", out problem);
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
                return Refuse(host.Length == 0 ? $"'{text}' names no host" : $"'{host}' is neither a host name nor an address", out problem);
        }

        if (port is null)
            return new ServerAddress(host, DefaultPort);
        return int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= IPEndPoint.MaxPort
            ? new ServerAddress(host, number)
            : Refuse($"'{port}' is no UDP port (1 .. {IPEndPoint.MaxPort})", out problem);
    }

    public override string ToString() => Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    private static ServerAddress? Refuse(string why, out string problem)
    {
        problem = why;
        return null;
    }
}
