using System.Buffers.Binary;
using Akka.Actor;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Resume;

/// <summary>What a room knows: it goes along when the room moves, as a game's own state would.</summary>
internal sealed class RoomMemory
{
    public HashSet<int> Players { get; } = [];

    public List<string> Told { get; } = [];

    public List<string> Complaints { get; } = [];

    public Dictionary<(int Peer, int Channel), int> Heard { get; } = [];

    public Dictionary<(int Peer, int Channel), int> Said { get; } = [];
}

/// <summary>A server's game beside its manager: numbers what it says to each player on each channel, and checks what each of them says.</summary>
internal sealed class RoomActor : UntypedActor
{
    private readonly RoomMemory _memory;
    private readonly Action<object> _watch;
    private IActorRef _manager = ActorRefs.Nobody;

    public RoomActor(RoomMemory memory, Action<object> watch)
    {
        _memory = memory;
        _watch = watch;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PeerConnected joined:
                _manager = Sender;
                _memory.Told.Add($"+{joined.Peer}");
                _memory.Players.Add(joined.Peer);
                break;

            case PeerDisconnected left:
                _memory.Told.Add($"-{left.Peer} {left.Info.Reason}");
                _memory.Players.Remove(left.Peer);
                break;

            case PacketReceived { Mode: TransferMode.Reliable } packet:
                var number = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span);
                var expected = _memory.Heard.GetValueOrDefault((packet.Peer, packet.Channel));
                if (number != expected)
                    _memory.Complaints.Add($"the room got {number} of {packet.Peer} on {packet.Channel}, not {expected}");
                _memory.Heard[(packet.Peer, packet.Channel)] = number + 1;
                break;

            case "speak":
                foreach (var player in _memory.Players)
                    Speak(player);
                break;

            case SendFailed failed:
                // Nothing was sent, so the number is used again.
                _memory.Said[(failed.Command.Target, failed.Command.Channel)]--;
                break;

            default:
                _watch(message);
                break;
        }
    }

    private void Speak(int player)
    {
        for (var channel = 0; channel < 3; channel++)
        {
            var number = _memory.Said.GetValueOrDefault((player, channel));
            _memory.Said[(player, channel)] = number + 1;
            var payload = new byte[number % 9 == 4 ? 30_000 : 4];
            BinaryPrimitives.WriteInt32LittleEndian(payload, number);
            _manager.Tell(new Send(player, payload, channel));
        }
    }
}
