using System.Globalization;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Node;

/// <summary>The loop of <c>join</c>.</summary>
internal sealed class TextClient
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    private readonly MultiplayerPeer _peer;
    private readonly LineSource _input;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly SortedSet<int> _peers = [];
    private int? _exitCode;

    // A line that found the queue full; it goes before any other.
    private string? _unsent;

    public TextClient(MultiplayerPeer peer, ServerAddress server, LineSource input, TextWriter output, TextWriter error)
    {
        _peer = peer;
        _input = input;
        _output = output;
        _error = error;
        peer.PeerConnected += Joined;
        peer.PeerDisconnected += Left;
        peer.ConnectionSucceeded += () => _output.WriteLine($"connected to {server} as {_peer.GetUniqueId()}");
        peer.ConnectionFailed += () => End($"cannot connect to {server}: {ChatText.Why(_peer.LastDisconnect)}");
        peer.ServerDisconnected += () => End($"the server has gone: {ChatText.Why(_peer.LastDisconnect)}");
    }

    /// <summary>Talks until told to stop, the input ends or the server does; returns the exit code.</summary>
    public int Run(Func<bool> isToStop)
    {
        while (_exitCode is null && !isToStop())
        {
            _peer.Poll(Step);
            while (_peer.TryGetPacket(out var packet))
                _output.WriteLine($"{ChatText.Name(packet.Peer)}: {ChatText.Show(packet.Payload.Span)}");
            if (_exitCode is null && _peer.GetConnectionStatus() == ConnectionStatus.Connected)
                TakeLines();
        }

        _peer.Close();
        return _exitCode ?? ExitCode.Ok;
    }

    private void Joined(int id)
    {
        _peers.Add(id);
        if (id != MultiplayerPeer.TargetPeerServer)
            _output.WriteLine($"{id} joined");
    }

    private void Left(int id)
    {
        _peers.Remove(id);

        // The server's end is told by the signal of its own that follows.
        if (id != MultiplayerPeer.TargetPeerServer)
            _output.WriteLine($"{ChatText.Name(id)} left ({ChatText.Why(_peer.LastDisconnect)})");
    }

    private void End(string why)
    {
        _error.WriteLine(why);
        _exitCode = ExitCode.Failed;
    }

    private void TakeLines()
    {
        while (_exitCode is null && (_unsent is not null || _input.TryTake(out _unsent)))
        {
            if (Obey(_unsent) == Error.Busy)
                return;
            _unsent = null;
        }

        if (_input.Ended)
            _exitCode ??= ExitCode.Ok;
    }

    private Error Obey(string line)
    {
        if (!line.StartsWith('/'))
            return Say(line, MultiplayerPeer.TargetPeerBroadcast);
        if (line.StartsWith("//", StringComparison.Ordinal))
            return Say(line[1..], MultiplayerPeer.TargetPeerBroadcast);
        var words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["/quit"]:
                _exitCode = ExitCode.Ok;
                break;
            case ["/peers"]:
                _output.WriteLine($"here: {string.Join(", ", _peers.Select(ChatText.Name))}, and you, {_peer.GetUniqueId()}");
                break;
            case ["/to", var id, var text] when int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var target) && target > 0:
                return Say(text, target);
            case ["/to", ..]:
                _error.WriteLine("usage: /to ID text");
                break;
            default:
                _error.WriteLine($"{words[0]} is not a command; there are /peers, /to ID text and /quit, and //text says /text");
                break;
        }

        return Error.Ok;
    }

    private Error Say(string text, int target)
    {
        _peer.TransferMode = TransferMode.Reliable;
        _peer.SetTargetPeer(target);
        var error = _peer.PutPacket(ChatText.Encode(text));
        if (error is not (Error.Ok or Error.Busy))
            _error.WriteLine(error == Error.InvalidParameter ? $"nobody has the ID {target}; /peers lists who is here" : $"not sent: {error}");
        return error;
    }
}
