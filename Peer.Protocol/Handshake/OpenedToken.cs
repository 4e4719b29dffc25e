using System.Security.Cryptography;

namespace Peer.Protocol.Handshake;

/// <summary>What the backend says about a client, as the server reads it from a genuine token.</summary>
/// <param name="Id">16 bytes, to be used once.</param>
/// <param name="ClientId">Who the client is.</param>
/// <param name="Expiry">When the token ends, Unix seconds.</param>
/// <param name="Secret">32 bytes that the backend gave the client as well; they enter the keys.</param>
/// <param name="Servers">The servers that may accept it, <c>host:port</c>.</param>
/// <param name="UserData">The backend's own bytes.</param>
internal sealed record OpenedToken(byte[] Id, ulong ClientId, long Expiry, byte[] Secret, IReadOnlyList<string> Servers, byte[] UserData)
{
    /// <summary>Overwrites the secret: the keys stand, or nothing will come of this attempt.</summary>
    public void Forget() => CryptographicOperations.ZeroMemory(Secret);

    /// <summary>Whether the token names one of these servers.</summary>
    public bool IsFor(IReadOnlyList<string> names)
    {
        foreach (var server in Servers)
        {
            foreach (var name in names)
            {
                if (string.Equals(server, name, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
