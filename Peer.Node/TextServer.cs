using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node;

/// <summary>The loop of <c>serve</c>.</summary>
internal sealed class TextServer
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly MultiplayerPeer _peer;
    private readonly LineSource _input;
    private readonly IServerVoice _voice;
    private readonly TextWriter _error;
    private readonly SortedSet<int> _peers = [];

    // A line that found the queues full; it goes before any other.
    private string? _unsent;

    public TextServer(MultiplayerPeer peer, LineSource input, IServerVoice voice, TextWriter error)
    {
        _peer = peer;
        _input = input;
        _voice = voice;
        _error = error;
        peer.PeerConnected += Joined;
        peer.PeerDisconnected += Left;
    }

    /// <summary>Called after each turn with who is there.</summary>
    public Action<IReadOnlyCollection<int>>? Turned { get; init; }

    /// <summary>Whether packets are taken and not told.</summary>
    public bool Quiet { get; init; }

    /// <summary>Serves until told to stop; returns the exit code.</summary>
    public int Run(Func<bool> isToStop)
    {
        while (!isToStop())
        {
            _peer.Poll(Step);
            while (_peer.TryGetPacket(out var packet))
            {
                if (!Quiet)
                    _voice.Said(packet.Peer, packet.Payload.Span);
            }

            if (_peer.GetConnectionStatus() == ConnectionStatus.Disconnected)
            {
                _error.WriteLine("the server has failed; the log above says why");
                return ExitCode.Failed;
            }

            SendLines();
            Turned?.Invoke(_peers);
        }

        _voice.Stopping();
        _peer.Close();
        return ExitCode.Ok;
    }

    private void Joined(int id)
    {
        _peers.Add(id);
        _voice.Joined(id);
    }

    private void Left(int id)
    {
        _peers.Remove(id);
        _voice.Left(id, _peer.LastDisconnect);
    }

    private void SendLines()
    {
        _peer.TransferMode = TransferMode.Reliable;
        _peer.SetTargetPeer(MultiplayerPeer.TargetPeerBroadcast);
        while (_unsent is not null || _input.TryTake(out _unsent))
        {
            var error = _peer.PutPacket(ChatText.Encode(_unsent));
            if (error == Error.Busy)
                return;
            if (error != Error.Ok)
                _error.WriteLine($"not sent: {error}");
            _unsent = null;
        }
    }
}
