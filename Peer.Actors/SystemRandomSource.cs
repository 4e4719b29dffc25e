using System.Security.Cryptography;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>The operating system's cryptographic random bytes.</summary>
public sealed class SystemRandomSource : IRandomSource
{
    private SystemRandomSource()
    {
    }

    /// <summary>The only value; safe for any number of threads.</summary>
    public static SystemRandomSource Instance { get; } = new();

    /// <inheritdoc />
#pragma warning disable RS0030 // The one place where chance enters: everything else takes an IRandomSource.
    public void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
#pragma warning restore RS0030
}
