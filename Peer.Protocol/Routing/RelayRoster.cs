using Peer.Protocol.Control;
using Peer.Protocol.Delivery;

namespace Peer.Protocol.Routing;

/// <summary>
/// A client's view of the peers behind the relay. Join and leave notices travel in a sequence of their own, so packets may overtake them:
/// what comes before its sender's join is held, and a leave waits for the marks that end its sender's sequences.
/// </summary>
internal sealed class RelayRoster(IRosterListener listener, long holdBytes)
{
    /// <summary>What holding one run, or a leave or join that waits for another one's marks, costs beside its bytes.</summary>
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

    /// <summary>A peer is there; false when too much waits, as of <see cref="Left"/>.</summary>
    public bool Joined(int peer)
    {
        // A newcomer who was given the ID of somebody of whom nothing has been heard since the server started anew.
        if (_peers.TryGetValue(peer, out var former) && former is { IsThere: true, IsDoubtful: true })
        {
            former.IsThere = false;
            listener.Left(peer, DisconnectInfo.Of(DisconnectReason.Timeout, NotBack));
        }

        return Returned(peer);
    }

    /// <summary>A peer of a server that started anew is back; whoever has not heard of it before hears that it joins. False when too much waits, as of <see cref="Left"/>.</summary>
    public bool Returned(int peer)
    {
        _gone.Remove(peer);
        var entry = EntryOf(peer);
        if (entry is { IsThere: true, IsDoubtful: false })
        {
            // It comes back before all marks of its leave are here: first it leaves.
            return entry.Leave is null || entry.EndsThere || Await(entry, null);
        }

        entry.IsDoubtful = false;
        if (!entry.IsThere)
        {
            entry.IsThere = true;
            listener.Joined(peer);
        }

        Deliver(peer);
        return true;
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
            entry.Held?.ForgetCredit();
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
            Deliver(peer);
            if (entry.Leave is null)
                Leave(peer, DisconnectInfo.Of(DisconnectReason.Timeout, NotBack));
        }
    }

    /// <summary>Hands on what is held of a peer that is there. It may leave by that, and be back, and so on.</summary>
    private void Deliver(int peer)
    {
        while (_peers.TryGetValue(peer, out var entry) && entry is { IsThere: true, IsDoubtful: false, Held: { } held } && held.TryTake(entry.Marks, out var run))
        {
            _held -= CostOf(run);
            if (held.IsEmpty)
                entry.Held = null;
            Arrived(peer, run);
        }
    }

    /// <summary>Takes over a run of a relayed peer, or its ended mark; false when too much is held for peers that never joined: the server breaks the protocol.</summary>
    public bool Arrived(int peer, in DeliveredRun run)
    {
        // What is reliable does not come late: behind the end it is of one who comes back, and so is another end.
        if (_gone.Contains(peer) && run.Key.Mode != TransferMode.Reliable)
        {
            Dropped += run.Messages;
            run.Release();
            return true;
        }

        if (!_peers.TryGetValue(peer, out var entry) || !entry.IsThere || entry.IsDoubtful || HeldRuns.HasEnded(run.Key, entry.Marks))
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

    /// <summary>A peer has left; false when too many leaves and joins wait for marks that the server does not send: it breaks the protocol.</summary>
    public bool Left(PeerLeft left)
    {
        if (!_peers.TryGetValue(left.Peer, out var entry) || !entry.IsThere)
            return true;
        if (entry.Leave is not null)
            return !entry.EndsThere || Await(entry, left);
        entry.Leave = left;
        LeaveIfComplete(left.Peer, entry);
        return true;
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
        var cost = CostOf(run);
        if (_held + cost > holdBytes)
        {
            Dropped += run.Messages;
            run.Release();
            return run.Key.Mode != TransferMode.Reliable;
        }

        _held += cost;

        // A run is a slice of the datagrams that were received together, which must not stay for its sake.
        (EntryOf(peer).Held ??= new()).Add(run with { Bytes = run.Bytes.ToArray(), Owner = null });
        run.Release();
        return true;
    }

    /// <summary>Keeps what follows a leave that is not complete; false when there is no room for it.</summary>
    private bool Await(Entry entry, PeerLeft? left)
    {
        var cost = CostOf(left);
        if (_held + cost > holdBytes)
            return false;
        _held += cost;
        entry.Later.Enqueue(left);
        return true;
    }

    private static int CostOf(in DeliveredRun run) => run.Bytes.Length + HoldOverhead;

    private static int CostOf(PeerLeft? left) => HoldOverhead + (left is null ? 0 : (left.Text.Length * sizeof(char)) + left.Marks.Length);

    private bool TryTakeLater(Entry entry, out PeerLeft? left)
    {
        if (!entry.Later.TryDequeue(out left))
            return false;
        _held -= CostOf(left);
        return true;
    }

    private void LeaveIfComplete(int peer, Entry entry)
    {
        if (entry is { IsComplete: true, Leave: { } leave })
            Leave(peer, DisconnectInfo.Of(leave.Reason, leave.Text));
    }

    private void Leave(int peer, DisconnectInfo info)
    {
        // As many as wait may take effect at once: not one within the other.
        _peers.Remove(peer, out var entry);
        while (entry is not null && TryTakeLater(entry, out _))
        {
            listener.Left(peer, info);
            if (Rejoin(peer, entry) is not { } again)
                return;
            info = DisconnectInfo.Of(again.Reason, again.Text);
            _peers.Remove(peer, out entry);
        }

        if (entry is not null)
            Part(peer, entry);
        if (_gone.Add(peer))
            _goneInOrder.Enqueue(peer);
        if (_goneInOrder.Count > RememberGone)
            _gone.Remove(_goneInOrder.Dequeue());
        listener.Left(peer, info);
    }

    /// <summary>It was told to be back before it had left; it may have left again since, and so on. Returns the leave that takes effect at once.</summary>
    private PeerLeft? Rejoin(int peer, Entry before)
    {
        var anew = EntryOf(peer);
        (anew.IsThere, anew.IsDoubtful, anew.Held) = (true, before.IsDoubtful, before.Held);
        listener.Joined(peer);
        if (!anew.IsDoubtful)
            Deliver(peer);
        if (!TryTakeLater(before, out var left))
            return null;
        anew.Leave = left;
        anew.Later = before.Later;

        // A server that started anew sends no more marks of what was before.
        return anew.IsDoubtful || anew.IsComplete ? left : null;
    }

    /// <summary>Keeps of one who has left what is of one who comes back.</summary>
    private void Part(int peer, Entry entry)
    {
        if (entry.IsDoubtful)
        {
            Drop(entry);
            return;
        }

        foreach (var late in entry.Held?.TakeUnreliable() ?? [])
        {
            _held -= CostOf(late);
            Dropped += late.Messages;
        }

        if (entry.Held is { IsEmpty: false } held)
            EntryOf(peer).Held = held;
    }

    private void Drop(Entry entry)
    {
        foreach (var run in entry.Held?.All ?? [])
        {
            _held -= CostOf(run);
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

        public HeldRuns? Held { get; set; }

        public HashSet<byte>? Marks { get; set; }

        public PeerLeft? Leave { get; set; }

        /// <summary>What follows once it has left, by turns: it joins again (null), it leaves again.</summary>
        public Queue<PeerLeft?> Later { get; set; } = [];

        /// <summary>Whether all marks of its leave are here.</summary>
        public bool IsComplete => Leave?.Marks.All(mark => Marks?.Contains(mark) == true) == true;

        /// <summary>Whether it is there after all that is known to follow.</summary>
        public bool EndsThere => Later.Count % 2 == 1;
    }
}
