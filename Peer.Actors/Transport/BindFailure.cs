using System.Net;
using System.Net.Sockets;

namespace Peer.Actors.Transport;

/// <summary>Finds out why a bind failed (Akka.IO does not say) and words it so that the reader knows what to do.</summary>
internal static class BindFailure
{
    /// <summary>Tries the same bind on a socket of its own and words the refusal.</summary>
    public static string Explain(IPEndPoint endPoint, Func<AddressFamily, Socket> open)
    {
        try
        {
            using var socket = open(endPoint.AddressFamily);
            socket.Bind(endPoint);
            return $"UDP {endPoint} could not be bound, though it can be now; try again";
        }
        catch (SocketException refusal)
        {
            return Word(endPoint, refusal);
        }
    }

    public static string Word(IPEndPoint endPoint, Exception cause) => (cause as SocketException)?.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"UDP port {endPoint.Port} on {endPoint.Address} is taken by another socket; choose another port, or 0 for any free one",
        SocketError.AddressNotAvailable => $"{endPoint.Address} is not an address of this machine; bind one of its own, 0.0.0.0 or [::]",
        SocketError.AccessDenied => $"the system forbids UDP port {endPoint.Port}; choose one above 1023, or grant the right to use it",
        SocketError.AddressFamilyNotSupported => $"this system has no {(endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? "IPv6; bind 0.0.0.0" : "IPv4; bind [::]")} instead",
        _ => $"UDP {endPoint} could not be bound: {cause.Message}",
    };
}
