using Peer.Actors;
using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>An application on a host: keeps its peer connected, polls, sends what its flows say, and tells the oracle all that it sees.</summary>
internal sealed partial class Performer
{
    private static readonly TimeSpan NeverUp = TimeSpan.FromSeconds(-1);

    private readonly Stage _stage;
    private readonly Scenario _scenario;
    private readonly PeerPlan _plan;
    private readonly int _index;
    private readonly SeededSource _random;
    private readonly List<int> _present = [];
    private readonly byte[] _buffer;
    private ActorBackedPeer _peer = null!;
    private Session? _session;
    private TimeSpan _upSince = NeverUp;
    private TimeSpan _stalledUntil;
    private TimeSpan _dialAt;
    private bool _hasBooted;
    private bool _isAway;

    public Performer(Stage stage, Scenario scenario, int index)
    {
        _stage = stage;
        _scenario = scenario;
        _plan = scenario.Peers[index];
        _index = index;
        _random = new SeededSource(scenario.Seed ^ SeededSource.Hash("application of " + _plan.Name));
        Host = stage.Simulation.Host(_plan.Name);
        _flows = [.. _plan.Flows.Select(flow => new FlowState(flow, _random))];
        _buffer = new byte[_plan.Flows.Select(flow => flow.MaxBytes).DefaultIfEmpty(Payload.Smallest).Max()];
    }

    public SimulatedHost Host { get; }

    public TimeSpan JoinsAt => _plan.JoinsAt;

    /// <summary>Its peer ID, 0 while it has none.</summary>
    public int Id => _session?.Id ?? 0;

    /// <summary>How long its peer has been there without a break; nothing while it is not.</summary>
    public TimeSpan UpFor => _session is null || _upSince == NeverUp ? TimeSpan.Zero : Now - _upSince;

    private TimeSpan Now => _stage.Simulation.Time.Elapsed;

    private Oracle Oracle => _stage.Oracle;

    private SessionKind Kind => _scenario.Topology == Topology.Mesh ? SessionKind.Mesh : _index == 0 ? SessionKind.Server : SessionKind.Client;

    /// <summary>The host's program starts, unless it has.</summary>
    public void Boot()
    {
        if (!Host.IsUp || _hasBooted || Now < JoinsAt)
            return;
        _hasBooted = true;
        _isAway = false;
        _stalledUntil = default;
        ActorBackedPeer peer = _peer = _plan.ENet ? NewENetPeer() : Host.NewPeer();
        peer.PeerConnected += PeerConnected;
        peer.PeerDisconnected += PeerDisconnected;
        peer.PeerInterrupted += id => Note($"PeerInterrupted({id})");
        peer.PeerResumed += Returned;
        peer.ConnectionFailed += ConnectionFailed;
        peer.ServerDisconnected += ServerDisconnected;
        Enter(peer);
        Host.Every(_plan.PollEvery, () => Beat(peer));
    }

    public void Stalls(TimeSpan time) => _stalledUntil = Now + time;

    public void Crash()
    {
        Host.Crash();
        _hasBooted = false;
        if (_session is { } session)
            Oracle.End(session);
        Forget();
    }

    /// <summary>Closes gracefully and comes back.</summary>
    public void Leave(TimeSpan time)
    {
        if (_session is not { } session || _isAway || !Host.IsUp || Host.IsFrozen)
            return;
        Drain(_peer);
        _isAway = true;
        Oracle.Closing(session);
        var peer = _peer;
        Forget();
        peer.Close();
        Oracle.End(session);
        if (Host.IsUp && peer == _peer)
            Host.After(time, () => ComeBack(peer));
    }

    /// <summary>A server disconnects a peer.</summary>
    public void Kick(int peer, bool force)
    {
        if (_session is not { } session || !Host.IsUp || Host.IsFrozen || !_present.Contains(peer))
            return;
        Oracle.Kicks(session, peer);
        _peer.DisconnectPeer(peer, force);
    }

    private void ComeBack(ActorBackedPeer peer)
    {
        _isAway = false;
        Enter(peer);
    }

    private void Enter(ActorBackedPeer peer)
    {
        if (_isAway || peer != _peer || _session is not null)
            return;
        _upSince = Now;
        switch (Kind)
        {
            case SessionKind.Server:
                _session = Oracle.Begin(_plan.Name, SessionKind.Server, MultiplayerPeer.TargetPeerServer);
                Demand(((ActorMultiplayerPeer)peer).CreateServer(Stage.Port, ServerOptions));
                break;

            case SessionKind.Mesh:
                _session = Oracle.Begin(_plan.Name, SessionKind.Mesh, MeshId(_index));
                Demand(((ActorMultiplayerPeer)peer).CreateMesh(MeshId(_index), new MeshOptions { Port = Stage.Port }));
                break;

            default:
                _session = Oracle.Begin(_plan.Name, SessionKind.Client);
                Demand(Dial(peer));
                break;
        }

        _stage.Recorder?.Add(TimelineKind.Fault, _plan.Name, "", $"begins as {_session}");
    }

    private bool Beat(ActorBackedPeer peer)
    {
        if (peer != _peer)
            return false;
        if (_session is null || Now < _stalledUntil)
            return true;
        peer.Poll(TimeSpan.Zero);
        Drain(peer);
        if (_session is not { } session)
            return true;
        session.PolledAt = Now;
        if (peer.GetConnectionStatus() == ConnectionStatus.Connected)
        {
            if (Kind == SessionKind.Mesh)
                DialOthers((ActorMultiplayerPeer)peer);
            Perform(peer, session);
        }

        return true;
    }

    private void Drain(ActorBackedPeer peer)
    {
        while (_session is { } session && peer.GetAvailablePacketCount() > 0 && peer.TryGetPacket(out var packet))
        {
            _stage.Recorder?.Add(TimelineKind.PacketDelivered, _plan.Name, "", $"{Describe(packet)}");
            Oracle.Arrived(session, packet);
        }
    }

    private void PeerConnected(int id)
    {
        Drain(_peer);
        _stage.Recorder?.Add(TimelineKind.Signal, _plan.Name, "", $"PeerConnected({id})");
        _present.Add(id);
        if (_peer is ENetMultiplayerPeer enet && id == MultiplayerPeer.TargetPeerServer)
            enet.SetPeerTimeout(id, 32, 5_000, (int)ENetPatience.TotalMilliseconds);
        Oracle.Joined(_session!, id, _peer.GetUniqueId());
    }

    private void PeerDisconnected(int id)
    {
        Drain(_peer);
        _stage.Recorder?.Add(TimelineKind.Signal, _plan.Name, "", $"PeerDisconnected({id}) {_peer.LastDisconnect.Reason} {_peer.LastDisconnect.Text}");
        _present.Remove(id);
        Oracle.Left(_session!, id, _peer.LastDisconnect.Reason);
    }

    private void Returned(int id)
    {
        Note($"PeerResumed({id})");
        Oracle.Returned(_session!, id);
    }

    private void Note(string signal) => _stage.Recorder?.Add(TimelineKind.Signal, _plan.Name, "", signal);

    private void ServerDisconnected()
    {
        Drain(_peer);
        _stage.Recorder?.Add(TimelineKind.Signal, _plan.Name, "", $"ServerDisconnected {_peer.LastDisconnect.Reason} {_peer.LastDisconnect.Text}");
        Oracle.LostServer(_session!);
        TryAgain();
    }

    private void ConnectionFailed()
    {
        _stage.Recorder?.Add(TimelineKind.Signal, _plan.Name, "", $"ConnectionFailed {_peer.LastDisconnect.Reason} {_peer.LastDisconnect.Text}");
        Oracle.Failed(_session!, _peer.LastDisconnect.Reason, _peer.LastDisconnect.Text);
        TryAgain();
    }

    private void TryAgain()
    {
        Forget();
        var peer = _peer;
        Host.After(TimeSpan.FromMilliseconds(100 + _random.Below(1000)), () => Enter(peer));
    }

    private void Forget()
    {
        _session = null;
        _upSince = NeverUp;
        _present.Clear();
    }

    private void DialOthers(ActorMultiplayerPeer peer)
    {
        if (Now < _dialAt)
            return;
        _dialAt = Now + TimeSpan.FromMilliseconds(1000 + _random.Below(2000));
        for (var i = 0; i < _scenario.Peers.Count; i++)
        {
            if (i != _index && !_present.Contains(MeshId(i)) && (i < _index || _random.Chance(0.3)))
                Demand(peer.AddMeshPeer(MeshId(i), AddressOf(i), Stage.Port));
        }
    }

    private void Demand(Error outcome)
    {
        if (outcome != Error.Ok)
            Oracle.Break(Laws.PutOutcome, $"{_plan.Name} could not begin: {outcome} {_peer.LastErrorText}");
    }

    private string AddressOf(int index) => _stage.Simulation.Host(_scenario.Peers[index].Name).Address.ToString();

    /// <summary>IDs follow from names, so that they stay when a scenario is made smaller.</summary>
    private int MeshId(int index) => int.Parse(_scenario.Peers[index].Name.AsSpan("mesh".Length), System.Globalization.CultureInfo.InvariantCulture);

    private static string Describe(in ReceivedPacket packet) =>
        Payload.TryRead(packet.Payload.Span, out var number) ? $"packet {number} of {packet.Peer}, {packet.Payload.Length} B on {packet.Channel}/{packet.Mode}" : "a packet that nobody put";
}
