using System.Buffers.Binary;
using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;
using Peer.Protocol.Routing;
using Peer.Protocol.Wire;

namespace Peer.Actors.ENet;

/// <summary>Runs of messages from and to the manager become packets of the engine's dialect, and back.</summary>
internal sealed partial class ENetConnection
{
    /// <summary>Writers that wait for more of what they had before: most datagrams bring more of what the last one brought.</summary>
    private const int MostIdle = 8;

    /// <summary>Runs being filled from one datagram, in the order in which they go up.</summary>
    private readonly List<RunWriter> _arrivals = [];
    private readonly List<RunWriter> _idle = [];
    private RunWriter? _last;

    /// <summary>Who has left, and the last that was queued before: ENet's channels have no common order, so what they said must have arrived first.</summary>
    private readonly Queue<(int Peer, uint Last)> _leaves = new();

    private bool IsClient => _dial is { ExpectedPeerId: PeerIds.Server };

    private void Submit(Forward forward)
    {
        foreach (var run in forward.Items)
        {
            // The manager counted the run when it routed it; from here on the core's own count holds.
            _counted += run.Bytes.Length;
            if (run.Key.IsControl)
                Announce(run);
            else if (!run.Ended)
                Submit(run);
            run.Release();
        }

        forward.Return();
        Work(Now);
    }

    private void Submit(Run run)
    {
        var dialect = Dialect;

        // Bare payloads cannot say whose they are: what others sent would pass for ours.
        if (dialect == ENetDialect.Godot4 && run.Peer is not null && !IsClient)
        {
            _port.NotRelayed.Add(run.Messages);
            return;
        }

        var channel = DialectChannels.ToENet(dialect, run.Key, _peer.Channels);
        var delivery = DialectChannels.DeliveryOf(dialect, run.Key.Mode);
        var header = 0UL;
        var headerLength = 0;
        if (dialect == ENetDialect.Godot3)
        {
            headerLength = DialectChannels.HeaderBytes;
            var (source, target) = IsClient ? (_ownId, run.Peer ?? PeerIds.Server) : (run.Peer ?? _ownId, _member.Id);
            header = (uint)source | ((ulong)(uint)target << 32);
        }

        var offset = 0;
        while (RunReader.TryNext(run.Bytes, ref offset, out var message))
            _peer.Send(channel, delivery, new PacketContent(message, run.Owner, headerLength, header));
    }

    /// <summary>The native protocol's control messages that Godot 3's dialect has a word for.</summary>
    private void Announce(Run run)
    {
        var offset = 0;
        while (RunReader.TryNext(run.Bytes, ref offset, out var message))
        {
            if (ControlCodec.Decode(message) is not PeersJoined joined)
                continue;
            foreach (var peer in joined.Peers)
            {
                // Who is back before its leave was told.
                while (_leaves.Any(left => left.Peer == peer))
                    Notify(DialectChannels.RemovePeer, _leaves.Dequeue().Peer);
                Notify(DialectChannels.AddPeer, peer);
            }
        }
    }

    private void TellLeaves()
    {
        while (_leaves.TryPeek(out var left) && _peer.HasArrived(left.Last))
            Notify(DialectChannels.RemovePeer, _leaves.Dequeue().Peer);
    }

    private void Notify(uint what, int peer)
    {
        if (Dialect == ENetDialect.Godot3)
            _peer.Send(DialectChannels.Notices, ENetDelivery.Reliable, new PacketContent(default, null, DialectChannels.HeaderBytes, what | ((ulong)(uint)peer << 32)));
    }

    /// <inheritdoc />
    int IENetListener.Received(byte channel, ENetDelivery delivery, ReadOnlySpan<byte> payload)
    {
        if (Dialect == ENetDialect.Godot4)
            return Arrive(DialectChannels.FromENet(ENetDialect.Godot4, channel, delivery), null, payload);
        if (payload.Length < DialectChannels.HeaderBytes)
            return 0;
        var (first, second) = (BinaryPrimitives.ReadInt32LittleEndian(payload), BinaryPrimitives.ReadInt32LittleEndian(payload[4..]));
        if (channel == DialectChannels.Notices)
        {
            // Only a server has anything to tell.
            if (IsClient)
                TakeNotice((uint)first, second);
            return 0;
        }

        int? peer;
        if (IsClient)
        {
            peer = first == PeerIds.Server ? null : first;
        }
        else if (first == _member.Id)
        {
            peer = second == _ownId ? null : second;
        }
        else
        {
            // Whoever speaks in another's name is not heard.
            _port.Forged.Increment();
            return 0;
        }

        return Arrive(DialectChannels.FromENet(ENetDialect.Godot3, channel, delivery), peer, payload[DialectChannels.HeaderBytes..]);
    }

    private void TakeNotice(uint what, int peer)
    {
        if (peer < PeerIds.FirstClient || peer == _ownId)
            return;
        var message = what switch
        {
            DialectChannels.AddPeer => ControlCodec.Encode(new PeersJoined([peer])),
            DialectChannels.RemovePeer => ControlCodec.Encode(new PeerLeft(peer, DisconnectReason.Closed, "", [])),
            _ => null,
        };
        if (message is not null)
            Arrive(SequenceKey.Control, null, message);
    }

    /// <summary>An empty packet says nothing, here as in the engine.</summary>
    private int Arrive(SequenceKey key, int? peer, ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return 0;
        var writer = _last;
        if (writer is null || writer.Key != key || writer.Peer != peer)
            _last = writer = WriterFor(key, peer);
        writer.Append(payload);
        return key is { Mode: TransferMode.Reliable, IsControl: false } ? Varint.Size((ulong)payload.Length) + payload.Length : 0;
    }

    /// <summary>One sequence keeps its order whomever its messages are for: only the last run of it is still open.</summary>
    private RunWriter WriterFor(SequenceKey key, int? peer)
    {
        for (var i = _arrivals.Count - 1; i >= 0; i--)
        {
            if (_arrivals[i].Key != key)
                continue;
            if (_arrivals[i].Peer == peer)
                return _arrivals[i];
            break;
        }

        var place = _idle.FindIndex(idle => idle.Key == key && idle.Peer == peer);
        var writer = place < 0 ? new RunWriter(key, peer) : _idle[place];
        if (place >= 0)
            _idle.RemoveAt(place);
        _arrivals.Add(writer);
        return writer;
    }

    /// <summary>What one datagram brought goes up as one message.</summary>
    private void HandUp()
    {
        if (_arrivals.Count == 0)
            return;
        var delivered = RunsArrived.Blank();
        delivered.Member = _member;
        foreach (var writer in _arrivals)
        {
            var run = writer.Take();
            var credit = run.Key is { Mode: TransferMode.Reliable, IsControl: false } ? run.Bytes.Length : 0;
            delivered.Items.Add(new DeliveredRun(run.Key, run.Peer, false, run.Bytes, run.Messages, credit, run.Owner));
            if (_idle.Count < MostIdle)
                _idle.Add(writer);
        }

        _arrivals.Clear();
        _last = null;
        _manager.Tell(delivered);
    }
}
