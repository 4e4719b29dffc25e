using Akka.Actor;
using Peer.Actors;

namespace Peer.Lab.Scale.Simulated;

/// <summary>The actor beside a room's real server: keeps the books of what it hears, and takes the steps of its going as <c>RoomEntity</c> does.</summary>
internal sealed class SimulatedRoom(SimulatedNode node, HeldRoom room, RoomLedger ledger) : UntypedActor
{
    public static Props Props(SimulatedNode node, HeldRoom room, RoomLedger ledger) =>
        Producer<SimulatedRoom>.Props(() => new SimulatedRoom(node, room, ledger));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PacketReceived packet:
                ledger.HeardByRoom(room.Number, packet);
                break;

            case PeerConnected:
                room.Peers++;
                break;

            case PeerDisconnected gone:
                room.Peers--;
                ledger.Complain($"room {room.Number} heard that {gone.Peer} left: {gone.Info.Reason} {gone.Info.Text}");
                break;

            case Listening:
                room.Manager = Sender;
                node.Serves(room);
                break;

            case CouldNotStart failed:
                ledger.Complain($"room {room.Number} did not open: {failed.Cause}");
                break;

            case GoElsewhere:
                room.Manager.Tell(new HandOver { AwaitsLastWord = true });
                break;

            case LastPacketTold:
                room.Manager.Tell(WriteDown.Instance);
                break;

            case HandedOver { Cause.Length: > 0 } failed:
                ledger.Complain($"room {room.Number} cannot be moved: {failed.Cause}");
                break;

            case HandedOver handed:
                node.Keeps(room, handed.State);
                break;

            case Stopped:
                node.Ended(room);
                Context.Stop(Self);
                break;
        }
    }

    /// <summary>The room's lot is handed over.</summary>
    internal sealed record GoElsewhere : INoSerializationVerificationNeeded
    {
        public static GoElsewhere Instance { get; } = new();
    }
}

/// <summary>A room on a node, from its opening until its server has ended.</summary>
internal sealed class HeldRoom(int number, int port)
{
    public int Number => number;

    public int Port => port;

    public IActorRef Logic { get; set; } = ActorRefs.Nobody;

    public IActorRef Manager { get; set; } = ActorRefs.Nobody;

    public int Peers { get; set; }

    public bool IsServing { get; set; }

    /// <summary>Written down, and kept for the next incarnation; empty before and afterwards.</summary>
    public ReadOnlyMemory<byte> State { get; set; }

    /// <summary>The node that had it before, which waits to hear where it is.</summary>
    public SimulatedNode? Before { get; set; }
}
