using System.Buffers.Binary;
using System.Net;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Tests.Cluster;

/// <summary>A client that numbers what it says, to the room and to the others, and checks that what it hears comes exactly once and in order.</summary>
internal sealed class Player : IDisposable
{
    private const int ToRoom = 0;
    private const int ToOthers = 1;

    private readonly ActorMultiplayerPeer _peer;
    private readonly Dictionary<int, int> _heard = [];

    public Player(ActorMultiplayerPeer peer, IPEndPoint door, string room)
    {
        _peer = peer;
        Room = room;
        peer.ConnectionSucceeded += () => Id = peer.GetUniqueId();
        peer.PeerConnected += id => Told.Add($"+{id}");
        peer.PeerDisconnected += id => Told.Add($"-{id} {peer.LastDisconnect.Reason}");
        peer.PeerInterrupted += id => Told.Add($"~{id}");
        peer.PeerResumed += id => Told.Add($"={id}");
        peer.PeerRestarted += id => Told.Add($"!{id}");
        peer.ConnectionFailed += () => Told.Add($"failed {peer.LastDisconnect.Reason} {peer.LastDisconnect.Text}");
        peer.ServerDisconnected += () => Told.Add($"out {peer.LastDisconnect.Reason} {peer.LastDisconnect.Text}");
        Assert.Equal(Error.Ok, peer.CreateClient(door.Address.ToString(), door.Port, new ClientOptions { Room = room, BindAddress = "127.0.0.1" }));
    }

    public string Room { get; }

    public int Id { get; private set; }

    public bool IsConnected => Id != 0 && _peer.GetConnectionStatus() == ConnectionStatus.Connected;

    public ActorMultiplayerPeer Peer => _peer;

    public List<string> Told { get; } = [];

    public List<string> Complaints { get; } = [];

    /// <summary>Whether others were talking when it came: what it hears first of each is where it begins.</summary>
    public bool IsLate { get; init; }

    /// <summary>How often something was missed.</summary>
    public int Gaps { get; private set; }

    /// <summary>Whether it says something each time that it plays.</summary>
    public bool IsTalking { get; set; }

    public int SaidToRoom { get; private set; }

    public int SaidToOthers { get; private set; }

    /// <summary>Up to where the room has answered.</summary>
    public int Answers { get; private set; }

    public void Play()
    {
        _peer.Poll(TimeSpan.Zero);
        while (_peer.TryGetPacket(out var packet))
            Hear(packet);
        if (!IsTalking || !IsConnected)
            return;
        SaidToRoom += Say(ToRoom, MultiplayerPeer.TargetPeerServer, SaidToRoom);
        SaidToOthers += Say(ToOthers, -1, SaidToOthers);
    }

    public bool HasHeardAll(IReadOnlyList<Player> others, Ledger ledger) =>
        Answers == SaidToRoom && ledger.Heard(Room, Id) == SaidToRoom
        && others.All(other => other == this || other.Room != Room || _heard.GetValueOrDefault(other.Id) == other.SaidToOthers);

    public void Dispose() => _peer.Dispose();

    public override string ToString() => $"{Id} in {Room}: said {SaidToRoom}, {Answers} answers, {string.Join(",", _heard)}; {string.Join(" ", Told)}; {string.Join(" ", Complaints.Take(3))}";

    private int Say(int channel, int target, int number)
    {
        _peer.TransferChannel = channel;
        _peer.TransferMode = TransferMode.Reliable;
        _peer.SetTargetPeer(target);
        var bytes = new byte[64];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return _peer.PutPacket(bytes) == Error.Ok ? 1 : 0;
    }

    private void Hear(in ReceivedPacket packet)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span);
        if (packet.Peer == MultiplayerPeer.TargetPeerServer)
        {
            Compare("answer", number, Answers);
            Answers = number + 1;
            return;
        }

        Compare($"{packet.Peer} said", number, _heard.TryGetValue(packet.Peer, out var expected) || !IsLate ? expected : number);
        _heard[packet.Peer] = number + 1;
    }

    private void Compare(string what, int number, int expected)
    {
        if (number < expected)
            Complaints.Add($"{what} {number} again");
        if (number > expected)
            Gaps++;
    }
}
