using System.Security.Cryptography;

namespace Peer.Protocol.Crypto;

/// <summary>The keys of one connection, both directions; whoever holds them disposes them once the two protections stand.</summary>
internal sealed record SessionKeys(byte[] ClientKey, byte[] ClientIv, byte[] ServerKey, byte[] ServerIv) : IDisposable
{
    /// <summary>Protection of what the client sends.</summary>
    public PacketProtection FromClient() => new(ClientKey, ClientIv);

    /// <summary>Protection of what the server sends.</summary>
    public PacketProtection FromServer() => new(ServerKey, ServerIv);

    /// <summary>Overwrites the keys with zeros.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(ClientKey);
        CryptographicOperations.ZeroMemory(ClientIv);
        CryptographicOperations.ZeroMemory(ServerKey);
        CryptographicOperations.ZeroMemory(ServerIv);
    }
}
