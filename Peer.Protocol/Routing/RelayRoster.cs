using Peer.Protocol.Control;
using Peer.Protocol.Delivery;

namespace Peer.Protocol.Routing;

/// <summary>
/// A client's view of the peers behind the relay. Join and leave notices travel in a sequence of their own, so packets may overtake them:
/// what comes before its sender's join is held, and a leave waits for the marks that end its sender's sequences.
/// </summary>
internal sealed class RelayRoster(IRosterListener listener, long holdBytes)
{
    /// <summary>What holding one run costs beside its bytes.</summary>
    private const int HoldOverhead = 128;

    /// <summary>How many departed peers are remembered, so that their late packets are dropped and not held.</summary>
    private const int RememberGone = 4096;

    private const string NotBack = "the server started anew, and this peer did not come back to it";

    private readonly Dictionary<int, Entry> _peers = [];
    private readonly HashSet<int> _gone = [];
    private readonly Queue<int> _goneInOrder = [];
    private long _held;

    /// <summary>Messages of peers that are gone or never came, dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>IDs of the peers that are there.</summary>
    public IEnumerable<int> Present => _peers.Where(pair => pair.Value.IsThere).Select(pair => pair.Key);

    /// <summary>Peers that are there, and those for whom something is held.</summary>
    public int Count => _peers.Count;

    public bool Contains(int peer) => _peers.TryGetValue(peer, out var entry) && entry.IsThere;

    /// <summary>Whether a peer has left not long ago.</summary>
    public bool IsGone(int peer) => _gone.Contains(peer);

    public void Joined(int peer)
    {
        // A newcomer who was given the ID of somebody of whom nothing has been heard since the server started anew.
        if (_peers.TryGetValue(peer, out var former) && former is { IsThere: true, IsDoubtful: true })
        {
            former.IsThere = false;
            listener.Left(peer, DisconnectInfo.Of(DisconnectReason.Timeout, NotBack));
        }

        Returned(peer);
    }

    /// <summary>A peer of a server that started anew is back; whoever has not heard of it before hears that it joins.</summary>
    public void Returned(int peer)
    {
        _gone.Remove(peer);
        var entry = EntryOf(peer);
        if (entry is { IsThere: true, IsDoubtful: false })
        {
            // It comes back before all marks of its leave are here: first it leaves.
            entry.Rejoins = entry.Leave is not null;
            return;
        }

        entry.IsDoubtful = false;
        if (!entry.IsThere)
        {
            entry.IsThere = true;
            listener.Joined(peer);
        }

        Deliver(peer, entry);
    }

    /// <summary>
    /// The server has started anew: nothing of what it said is under way any more, and who of its peers is still there will be told by
    /// <see cref="Returned"/> and, for all others, by <see cref="Settled"/>.
    /// </summary>
    public void ServerRestarted()
    {
        foreach (var (peer, entry) in _peers.ToArray())
        {
            entry.Marks = null;
            entry.IsDoubtful = true;

            // Nobody waits for the credit of what came before.
            for (var i = 0; i < entry.Held?.Count; i++)
                entry.Held[i] = entry.Held[i] with { CreditBytes = 0 };
            if (entry.Leave is { } leave)
                Leave(peer, DisconnectInfo.Of(leave.Reason, leave.Text));
        }
    }

    /// <summary>Whoever could come back has.</summary>
    public void Settled()
    {
        foreach (var (peer, entry) in _peers.ToArray())
        {
            if (!entry.IsDoubtful)
                continue;
            if (!entry.IsThere)
            {
                Drop(entry);
                _peers.Remove(peer);
                continue;
            }

            // It may have come, spoken and left again before this client was back.
            entry.IsDoubtful = false;
            Deliver(peer, entry);
            if (_peers.ContainsKey(peer))
                Leave(peer, DisconnectInfo.Of(DisconnectReason.Timeout, NotBack));
        }
    }

    private void Deliver(int peer, Entry entry)
    {
        if (entry.Held is not { } held)
            return;
        entry.Held = null;
        foreach (var run in held)
        {
            _held -= run.Bytes.Length + HoldOverhead;
            Arrived(peer, run);
        }
    }

    /// <summary>Takes over a run of a relayed peer, or its ended mark; false when too much is held for peers that never joined: the server breaks the protocol.</summary>
    public bool Arrived(int peer, in DeliveredRun run)
    {
        // What is reliable does not come late: behind the end it is of one who comes back.
        if (_gone.Contains(peer) && (run.Key.Mode != TransferMode.Reliable || run.Ended))
        {
            Dropped += run.Messages;
            run.Release();
            return true;
        }

        if (!_peers.TryGetValue(peer, out var entry) || !entry.IsThere || entry.IsDoubtful || entry.HasEnded(run))
            return Hold(peer, run);
        if (!run.Ended)
        {
            listener.Relayed(peer, run);
            return true;
        }

        run.Release();
        (entry.Marks ??= []).Add(run.Key.Channel);
        LeaveIfComplete(peer, entry);
        return true;
    }

    public void Left(PeerLeft left)
    {
        if (!_peers.TryGetValue(left.Peer, out var entry) || !entry.IsThere)
            return;
        entry.Leave = left;
        LeaveIfComplete(left.Peer, entry);
    }

    /// <summary>Everybody leaves, because the server is gone.</summary>
    public void Clear(DisconnectInfo info)
    {
        foreach (var peer in Present.ToArray())
            listener.Left(peer, info);
        _peers.Clear();
        _held = 0;
    }

    private bool Hold(int peer, in DeliveredRun run)
    {
        var cost = run.Bytes.Length + HoldOverhead;
        if (_held + cost > holdBytes)
        {
            Dropped += run.Messages;
            run.Release();
            return run.Key.Mode != TransferMode.Reliable;
        }

        _held += cost;

        // A run is a slice of the datagrams that were received together, which must not stay for its sake.
        (EntryOf(peer).Held ??= []).Add(run with { Bytes = run.Bytes.ToArray(), Owner = null });
        run.Release();
        return true;
    }

    private void LeaveIfComplete(int peer, Entry entry)
    {
        if (entry.Leave is not { } leave || !leave.Marks.All(mark => entry.Marks?.Contains(mark) == true))
            return;
        Leave(peer, DisconnectInfo.Of(leave.Reason, leave.Text));
    }

    private void Leave(int peer, DisconnectInfo info)
    {
        _peers.Remove(peer, out var entry);
        if (entry is { Rejoins: true })
        {
            listener.Left(peer, info);
            var anew = EntryOf(peer);
            (anew.IsThere, anew.IsDoubtful, anew.Held) = (true, entry.IsDoubtful, entry.Held);
            listener.Joined(peer);
            if (!anew.IsDoubtful)
                Deliver(peer, anew);
            return;
        }

        if (entry is { IsDoubtful: false, Held: { } held })
            EntryOf(peer).Held = held;
        else if (entry is not null)
            Drop(entry);
        if (_gone.Add(peer))
            _goneInOrder.Enqueue(peer);
        if (_goneInOrder.Count > RememberGone)
            _gone.Remove(_goneInOrder.Dequeue());
        listener.Left(peer, info);
    }

    private void Drop(Entry entry)
    {
        foreach (var run in entry.Held ?? [])
        {
            _held -= run.Bytes.Length + HoldOverhead;
            Dropped += run.Messages;
            listener.Dropped(run.CreditBytes);
        }

        entry.Held = null;
    }

    private Entry EntryOf(int peer)
    {
        if (!_peers.TryGetValue(peer, out var entry))
            _peers.Add(peer, entry = new Entry());
        return entry;
    }

    private sealed class Entry
    {
        public bool IsThere { get; set; }

        /// <summary>Whether the server has started anew and has not said yet whether it is still there.</summary>
        public bool IsDoubtful { get; set; }

        public List<DeliveredRun>? Held { get; set; }

        public HashSet<byte>? Marks { get; set; }

        public PeerLeft? Leave { get; set; }

        /// <summary>Whether it joins again once it has left.</summary>
        public bool Rejoins { get; set; }

        /// <summary>Whether a run lies behind the end of its sequence: it is of one who comes back.</summary>
        public bool HasEnded(in DeliveredRun run) => !run.Ended && run.Key.Mode == TransferMode.Reliable && Marks?.Contains(run.Key.Channel) == true;
    }
}
