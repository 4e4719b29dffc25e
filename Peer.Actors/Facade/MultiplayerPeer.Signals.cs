using System.Runtime.ExceptionServices;
using Peer.Protocol;

namespace Peer.Actors;

// The engine's signals, and the methods by which a transport raises them.
public abstract partial class MultiplayerPeer
{
    /// <summary>A peer can send and receive from here on; on a client 1 is the server and comes first.</summary>
    public event Action<int>? PeerConnected;

    /// <summary>A peer has gone; <see cref="LastDisconnect"/> says why. Its packets have all come before.</summary>
    public event Action<int>? PeerDisconnected;

    /// <summary>
    /// Nothing is heard of a peer, which may come back within the grace time; what is sent to it reliably waits. <see cref="PeerResumed"/> or
    /// <see cref="PeerDisconnected"/> follows. On a client it is 1, the server, and the status stays Connected meanwhile. Not one of the engine's signals.
    /// </summary>
    public event Action<int>? PeerInterrupted;

    /// <summary>A peer that was interrupted is back; nothing reliable was lost or repeated. Not one of the engine's signals.</summary>
    public event Action<int>? PeerResumed;

    /// <summary>
    /// On a client: the server is back after an interruption and has started anew. The ID is kept, packets that were never sent follow, and the other peers are still there
    /// unless a <see cref="PeerDisconnected"/> follows; but what was under way either way is lost, see <see cref="LastUnacknowledged"/>. At the home of a room
    /// that spans nodes: the peer has come back by another gateway than the one that was lost. Not one of the engine's signals.
    /// </summary>
    public event Action<int>? PeerRestarted;

    /// <summary>At the last <see cref="PeerRestarted"/>: reliable packets that were sent and not acknowledged, each of which may have arrived or not.</summary>
    public int LastUnacknowledged { get; private set; }

    /// <summary>The connection attempt succeeded; comes after <c>PeerConnected(1)</c>.</summary>
    public event Action? ConnectionSucceeded;

    /// <summary>The connection attempt failed; <see cref="LastDisconnect"/> says why.</summary>
    public event Action? ConnectionFailed;

    /// <summary>The server has gone; <see cref="LastDisconnect"/> says why. Packets that came before can still be taken.</summary>
    public event Action? ServerDisconnected;

    /// <summary>Raises <see cref="PeerConnected"/>.</summary>
    protected void EmitPeerConnected(int id) => Emit(PeerConnected, id);

    /// <summary>Sets <see cref="LastDisconnect"/> and raises <see cref="PeerDisconnected"/>.</summary>
    protected void EmitPeerDisconnected(int id, DisconnectInfo info)
    {
        LastDisconnect = info;
        Emit(PeerDisconnected, id);
    }

    /// <summary>Raises <see cref="PeerInterrupted"/>.</summary>
    protected void EmitPeerInterrupted(int id) => Emit(PeerInterrupted, id);

    /// <summary>Raises <see cref="PeerResumed"/>.</summary>
    protected void EmitPeerResumed(int id) => Emit(PeerResumed, id);

    /// <summary>Sets <see cref="LastUnacknowledged"/> and raises <see cref="PeerRestarted"/>.</summary>
    protected void EmitPeerRestarted(int id, int unacknowledged)
    {
        LastUnacknowledged = unacknowledged;
        Emit(PeerRestarted, id);
    }

    /// <summary>Raises <see cref="ConnectionSucceeded"/>.</summary>
    protected void EmitConnectionSucceeded() => Emit(ConnectionSucceeded);

    /// <summary>Sets <see cref="LastDisconnect"/> and raises <see cref="ConnectionFailed"/>.</summary>
    protected void EmitConnectionFailed(DisconnectInfo info)
    {
        LastDisconnect = info;
        Emit(ConnectionFailed);
    }

    /// <summary>Sets <see cref="LastDisconnect"/> and raises <see cref="ServerDisconnected"/>.</summary>
    protected void EmitServerDisconnected(DisconnectInfo info)
    {
        LastDisconnect = info;
        Emit(ServerDisconnected);
    }

    // One handler that throws must not keep the event from the others, so each is called and the failure told afterwards.
    private static void Emit(Action<int>? signal, int id)
    {
        List<Exception>? failures = null;
        foreach (var handler in Delegate.EnumerateInvocationList(signal))
        {
            try
            {
                handler(id);
            }
            catch (Exception failure)
            {
                (failures ??= []).Add(failure);
            }
        }

        Rethrow(failures);
    }

    private static void Emit(Action? signal)
    {
        List<Exception>? failures = null;
        foreach (var handler in Delegate.EnumerateInvocationList(signal))
        {
            try
            {
                handler();
            }
            catch (Exception failure)
            {
                (failures ??= []).Add(failure);
            }
        }

        Rethrow(failures);
    }

    private static void Rethrow(List<Exception>? failures)
    {
        if (failures is null)
            return;
        if (failures.Count == 1)
            ExceptionDispatchInfo.Throw(failures[0]);
        throw new AggregateException(failures);
    }
}
