using System.Buffers.Binary;
using Akka.Actor;
using Akka.Persistence;
using Peer.Actors;
using Peer.Cluster.Rooms;

namespace PersistentRoom;

/// <summary>
/// A guild's chest: players put coins in (4 bytes, little endian) and are told how many there are. The actor is the room's logic itself: it answers a player when the
/// journal has what he did, so what anybody was told is still true after a crash.
/// </summary>
internal sealed class ChestRoom : UntypedPersistentActor
{
    private IActorRef _server = ActorRefs.Nobody;
    private IActorRef _room = ActorRefs.Nobody;
    private int _coins;

    public ChestRoom(string key) => PersistenceId = $"chest-{key}";

    public override string PersistenceId { get; }

    public static RoomOptions Rooms { get; } = new() { Logic = static key => Props.Create(() => new ChestRoom(key)) };

    /// <summary>Nothing is commanded before all is recovered, so no room opens with half of its coins.</summary>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case OpenRoom open:
                _room = open.Room;
                TellCoins();
                Sender.Tell(RoomReady.Instance);
                break;

            case RoomServer server:
                _server = server.Manager;
                break;

            case PacketReceived { Payload.Length: >= sizeof(int) } packet:
                var coins = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span);
                if (coins < 0)
                    _server.Tell(new Kick(packet.Peer, Text: "nothing is taken out"));
                else
                    Persist(Bytes(coins), put => Answer(packet.Peer, put));
                break;

            // A persistent actor hears nothing while it persists: all that came before is in the journal, where the next incarnation finds it, on whichever node.
            case SaveRoom:
                Sender.Tell(new RoomSaved(default));
                break;
        }
    }

    protected override void OnRecover(object message)
    {
        if (message is byte[] put)
            _coins += BinaryPrimitives.ReadInt32LittleEndian(put);
    }

    private void Answer(int peer, byte[] put)
    {
        _coins += BinaryPrimitives.ReadInt32LittleEndian(put);
        _server.Tell(new Send(peer, Bytes(_coins)));
        TellCoins();
    }

    /// <summary>Anybody may look for rich guilds.</summary>
    private void TellCoins() => _room.Tell(new SetRoomProperty("coins", _coins));

    /// <summary>Events are bytes: nothing that has no serializer of its own crosses from node to node or into a journal (<c>allow-unregistered-types = false</c>).</summary>
    private static byte[] Bytes(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return bytes;
    }
}
