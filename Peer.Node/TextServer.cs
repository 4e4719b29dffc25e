using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node;

/// <summary>The loop of <c>serve</c>.</summary>
internal sealed class TextServer
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly MultiplayerPeer _peer;
    private readonly LineSource _input;
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    // A line that found the queues full; it goes before any other.
    private string? _unsent;

    public TextServer(MultiplayerPeer peer, LineSource input, TextWriter output, TextWriter error)
    {
        _peer = peer;
        _input = input;
        _output = output;
        _error = error;
        peer.PeerConnected += id => _output.WriteLine($"{id} joined");
        peer.PeerDisconnected += id => _output.WriteLine($"{id} left ({ChatText.Why(_peer.LastDisconnect)})");
    }

    /// <summary>Serves until told to stop; returns the exit code.</summary>
    public int Run(Func<bool> isToStop)
    {
        while (!isToStop())
        {
            _peer.Poll(Step);
            while (_peer.TryGetPacket(out var packet))
                _output.WriteLine($"{ChatText.Name(packet.Peer)}: {ChatText.Show(packet.Payload.Span)}");
            if (_peer.GetConnectionStatus() == ConnectionStatus.Disconnected)
            {
                _error.WriteLine("the server has failed; the log above says why");
                return ExitCode.Failed;
            }

            SendLines();
        }

        _output.WriteLine("stopping");
        _peer.Close();
        return ExitCode.Ok;
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
