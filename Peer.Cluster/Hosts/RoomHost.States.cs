using Akka.Actor;
using Akka.Event;
using Peer.Actors;
using Peer.Cluster.Messages;
using Peer.Cluster.Rooms;
using Peer.Protocol;

namespace Peer.Cluster.Hosts;

/// <summary>
/// States that go from node to node. Whoever opens a room asks all the others whether they keep it, and fetches it in pieces; it is kept until the room has
/// opened, so that another incarnation can have it if that one dies. No message through the region carries a state: those may be dropped while regions change.
/// </summary>
internal sealed partial class RoomHost
{
    private void Search(string key)
    {
        var claim = new StateClaim(key, ++_claimsMade, Reachable(), _awake.Now + Clock.Micros(_world.Settings.Rooms.ClaimTimeout));
        if (claim.Pending.Count == 0)
        {
            Answer(key, default);
            return;
        }

        _claims[key] = claim;
        foreach (var node in claim.Pending)
            HostAt(node).Tell(new StateWanted(key, claim.Id));
    }

    private void Converse(INodeMessage message)
    {
        switch (message)
        {
            case StateWanted wanted:
                Offer(wanted);
                break;

            case NoState none when ClaimOf(none.Key, none.Claim) is { } claim:
                claim.Pending.Remove(Sender.Path.Address);
                ConcludeSearch(claim);
                break;

            case StateOffered offered when ClaimOf(offered.Key, offered.Claim) is { HasSource: false } claim:
                Fetch(claim, offered.Length);
                break;

            case ChunkWanted wanted when _kept.TryGetValue(wanted.Key, out var kept) && wanted.Offset < kept.State.Length:
                var length = Math.Min(StateChunk.MaxBytes, kept.State.Length - wanted.Offset);
                Sender.Tell(new StateChunk(wanted.Key, wanted.Claim, wanted.Offset, kept.State.AsMemory(wanted.Offset, length)));
                break;

            case StateChunk chunk when ClaimOf(chunk.Key, chunk.Claim) is { } claim && claim.Source.Equals(Sender):
                Add(claim, chunk);
                break;

            case RoomMoved moved when _kept.TryGetValue(moved.Key, out var kept):
                kept.HasMoved = true;
                kept.State = [];
                kept.Manager.Tell(new Migrate(moved.Endpoint) { Others = kept.IsByTicket ? [.. OtherDoors()] : [] });
                break;

            case WakeRoom wake:
                _world.Region.Tell(wake);
                break;
        }
    }

    private StateClaim? ClaimOf(string key, long id) => _claims.TryGetValue(key, out var claim) && claim.Id == id ? claim : null;

    private void Offer(StateWanted wanted)
    {
        if (_kept.TryGetValue(wanted.Key, out var kept) && !kept.HasMoved)
        {
            Sender.Tell(new StateOffered(wanted.Key, wanted.Claim, kept.State.Length));
        }
        else if (_rooms.TryGetValue(wanted.Key, out var room) && room.Endpoint.Length > 0)
        {
            // Two incarnations, as after a partition that nobody resolved: the newer one goes on, with what this one knows.
            _log.Warning("Room {0} has opened on another node and goes there", room.Key);
            room.Successor = (Sender, wanted.Claim);
            room.Entity.Tell(RoomStop.Instance);
        }
        else
        {
            Sender.Tell(new NoState(wanted.Key, wanted.Claim));
        }
    }

    private void Fetch(StateClaim claim, int length)
    {
        if (length > _world.Settings.Rooms.MaxState || length == 0)
        {
            _log.Error("Room {0} comes with a state of {1} bytes, more than actorpeer.cluster.rooms.max-state, and opens without", claim.Key, length);
            claim.Pending.Remove(Sender.Path.Address);
            ConcludeSearch(claim);
            return;
        }

        claim.TakeFrom(Sender, length);
        AskNext(claim);
    }

    private void Add(StateClaim claim, StateChunk chunk)
    {
        if (!claim.TryAdd(chunk.Offset, chunk.Bytes.Span))
            return;
        if (!claim.IsComplete)
        {
            AskNext(claim);
            return;
        }

        if (_rooms.TryGetValue(claim.Key, out var room))
            room.Before = claim.Source;
        Answer(claim.Key, claim.State);
    }

    private void AskNext(StateClaim claim)
    {
        claim.Deadline = _awake.Now + Clock.Micros(_world.Settings.Rooms.ClaimTimeout);
        claim.Source.Tell(new ChunkWanted(claim.Key, claim.Id, claim.Received));
    }

    private void ConcludeSearch(StateClaim claim)
    {
        if (claim.Pending.Count == 0 && !claim.HasSource)
            Answer(claim.Key, default);
    }

    private void WillNotAnswer(Address node)
    {
        foreach (var claim in _claims.Values.ToArray())
        {
            if (claim.Pending.Remove(node))
                ConcludeSearch(claim);
        }
    }

    private void Answer(string key, ReadOnlyMemory<byte> state)
    {
        _claims.Remove(key);
        if (!_rooms.TryGetValue(key, out var room))
            return;
        if (RoomState.TrySplit(state, out var server, out var logic))
            room.Entity.Tell(new RoomClaimed(true, server, logic));
        else
            room.Entity.Tell(new RoomClaimed(false, default, default));
    }

    private void Keep(KeepRoom keep)
    {
        if (Of(keep.Key) is not { } room)
            return;
        var kept = new KeptRoom(
            room.Key, room.Manager, RoomState.Join(keep.Server.Span, keep.Logic.Span), keep.Server.IsEmpty, _awake.Now + Clock.Micros(_world.Settings.Rooms.MoveTimeout));
        if (_kept.Remove(room.Key, out var older))
            older.Manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown)));
        _kept.Add(room.Key, kept);
        var (host, claim) = room.Successor ?? (ActorRefs.Nobody, 0);
        Sender.Tell(RoomKept.Instance);
        Context.Unwatch(room.Entity);
        _rooms.Remove(room.Key);
        host.Tell(new StateOffered(room.Key, claim, kept.State.Length));
    }

    /// <summary>Rooms that wait for their next incarnation are asked for until it has opened; what takes too long is given up.</summary>
    private void LookAfter()
    {
        var now = _awake.Beat();
        foreach (var kept in _kept.Values)
        {
            if (kept.HasMoved)
                continue;
            if (now < kept.Deadline)
            {
                Wake(kept.Key);
                continue;
            }

            _log.Error("Room {0} did not open on another node in time and closes", kept.Key);
            kept.HasMoved = true;
            kept.State = [];
            kept.Manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown, "the room could not be moved")));
        }

        LookAfterGateways(now);
        foreach (var claim in _claims.Values.ToArray())
        {
            if (now < claim.Deadline)
                continue;
            _log.Warning("Room {0} opens without what other nodes may know of it: {1} did not answer", claim.Key, claim.HasSource ? claim.Source.Path.ToString() : string.Join(", ", claim.Pending));
            Answer(claim.Key, default);
        }
    }
}
