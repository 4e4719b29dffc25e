using System.Net;
using System.Net.Sockets;

namespace Peer.Actors.Transport;

/// <summary>An endpoint with its address serialised once, so that a send allocates nothing.</summary>
internal sealed class Destination : IEquatable<Destination>
{
    private readonly SocketAddress _own;
    private IPEndPoint? _mapped;
    private SocketAddress? _mappedAddress;

    private Destination(IPEndPoint endPoint)
    {
        EndPoint = endPoint;
        _own = endPoint.Serialize();
    }

    /// <summary>The endpoint, an IPv4-mapped one as plain IPv4.</summary>
    public IPEndPoint EndPoint { get; }

    private bool IsIPv4 => EndPoint.AddressFamily == AddressFamily.InterNetwork;

    public static Destination Of(IPEndPoint endPoint) => new(Plain(endPoint));

    /// <summary>One endpoint has one spelling: an IPv4 address that a dual-stack socket shows as IPv6 is IPv4.</summary>
    public static IPEndPoint Plain(IPEndPoint endPoint) =>
        endPoint.Address.IsIPv4MappedToIPv6 ? new IPEndPoint(endPoint.Address.MapToIPv4(), endPoint.Port) : endPoint;

    /// <summary>The serialised address for such a socket; null when it cannot get there.</summary>
    public SocketAddress? AddressFor(SocketReach reach) => Form(reach) switch
    {
        AddressForm.Own => _own,
        AddressForm.Mapped => _mappedAddress ??= MappedEndPoint().Serialize(),
        _ => null,
    };

    /// <summary>The endpoint for such a socket; null when it cannot get there.</summary>
    public IPEndPoint? EndPointFor(SocketReach reach) => Form(reach) switch
    {
        AddressForm.Own => EndPoint,
        AddressForm.Mapped => MappedEndPoint(),
        _ => null,
    };

    public bool Equals(Destination? other) => other is not null && EndPoint.Equals(other.EndPoint);

    public override bool Equals(object? obj) => Equals(obj as Destination);

    public override int GetHashCode() => EndPoint.GetHashCode();

    public override string ToString() => EndPoint.ToString();

    private AddressForm Form(SocketReach reach)
    {
        // Nobody listens on port 0; asking the kernel only costs an exception (and, through Akka.IO, the listener).
        if (EndPoint.Port == 0) return AddressForm.Unreachable;
        return reach switch
        {
            SocketReach.Dual => IsIPv4 ? AddressForm.Mapped : AddressForm.Own,
            SocketReach.IPv4 => IsIPv4 ? AddressForm.Own : AddressForm.Unreachable,
            _ => IsIPv4 ? AddressForm.Unreachable : AddressForm.Own,
        };
    }

    private IPEndPoint MappedEndPoint() => _mapped ??= new IPEndPoint(EndPoint.Address.MapToIPv6(), EndPoint.Port);

    private enum AddressForm
    {
        Unreachable,
        Own,
        Mapped,
    }
}
