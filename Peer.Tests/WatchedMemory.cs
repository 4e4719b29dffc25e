using System.Runtime.CompilerServices;
using Peer.Protocol.Delivery;

namespace Peer.Tests;

/// <summary>In every test of this assembly, whoever reads or writes memory that was given back is found out.</summary>
internal static class WatchedMemory
{
    private static readonly ReleasedMemory _watch = new(graves: 256);

    [ModuleInitializer]
    internal static void Watch() => ReleasedMemory.Watch = _watch;

    /// <summary>For a test that counts what is allocated, and so needs the pool.</summary>
    public static IDisposable Paused()
    {
        ReleasedMemory.Watch = null;
        return new Pause();
    }

    private sealed class Pause : IDisposable
    {
        public void Dispose() => Watch();
    }
}
