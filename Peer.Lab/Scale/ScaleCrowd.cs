using System.Diagnostics;
using System.Globalization;
using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Protocol;

namespace Peer.Lab.Scale;

/// <summary><c>scale-crowd</c>: players in one process, some of them in each room, who listen and, when told, talk to their room.</summary>
internal sealed class ScaleCrowd : IDisposable
{
    private const int JoiningAtATime = 16;
    private const int MessageBytes = 32;

    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(10);

    private readonly ScaleChild _child = new();
    private readonly ActorSystem _system = ActorSystem.Create("crowd", ConfigurationFactory.ParseString("""
        akka { loglevel = ERROR, stdout-loglevel = OFF, log-dead-letters = off }
        akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
        actorpeer.transport { receive-buffer = 64KiB, send-buffer = 64KiB }
        actorpeer.client.connect-timeout = 30s
        """).WithFallback(ActorPeer.DefaultConfig));

    private readonly List<ActorMultiplayerPeer> _players = [];
    private readonly IPEndPoint[] _doors;
    private readonly int _perRoom;
    private readonly byte[] _message = new byte[MessageBytes];
    private long _heard;
    private int _lost;
    private int _connected;
    private double _rate;
    private (int Next, int End) _joining;

    public ScaleCrowd(int perRoom, IPEndPoint[] doors)
    {
        _perRoom = perRoom;
        _doors = doors;
    }

    public int Run()
    {
        ScaleChild.Tell(new ScaleLine.Ready("", ""));
        var watch = Stopwatch.StartNew();
        var due = 0.0;
        var asked = false;
        while (!_child.IsOver)
        {
            var word = _child.Next(Rest);
            switch (word)
            {
                case [ScaleWord.Join, var from, var to]:
                    _joining = (Number(from), Number(to));
                    asked = true;
                    break;
                case [ScaleWord.Talk, var rate]:
                    _rate = double.Parse(rate, CultureInfo.InvariantCulture);
                    due = watch.Elapsed.TotalSeconds;
                    break;
                case [ScaleWord.Sample]:
                    _child.TellSample(0, _connected, _heard, _lost);
                    break;
            }

            while (_joining.Next < _joining.End && _players.Count - _connected - _lost < JoiningAtATime)
                Join(_joining.Next++);
            if (asked && _joining.Next == _joining.End && _connected + _lost >= _players.Count)
            {
                asked = false;
                ScaleChild.Tell(new ScaleLine.Done(_connected));
            }

            var talks = _rate > 0 && watch.Elapsed.TotalSeconds >= due;
            if (talks)
                due = Math.Max(due, watch.Elapsed.TotalSeconds - 1) + (1 / _rate);
            foreach (var player in _players)
                Play(player, talks);
        }

        return ExitCode.Ok;
    }

    public void Dispose()
    {
        foreach (var player in _players)
            player.Dispose();
        _system.Dispose();
        _child.Dispose();
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private void Join(int number)
    {
        var player = new ActorMultiplayerPeer(_system) { TransferMode = TransferMode.UnreliableOrdered };
        var door = _doors[number % _doors.Length];
        player.ConnectionSucceeded += () => _connected++;
        player.ConnectionFailed += () =>
        {
            _lost++;
            ScaleChild.Tell(new ScaleLine.Fault($"player {number} was not let in: {player.LastDisconnect.Reason} {player.LastDisconnect.Text}"));
        };
        player.ServerDisconnected += () =>
        {
            _connected--;
            _lost++;
        };
        var made = player.CreateClient(door.Address.ToString(), door.Port, new ClientOptions { Room = ScaleNode.RoomOf(number / _perRoom), BindAddress = "127.0.0.1" });
        if (made != Error.Ok)
            ScaleChild.Tell(new ScaleLine.Fault($"player {number} does not start: {player.LastErrorText}"));
        _players.Add(player);
    }

    private void Play(ActorMultiplayerPeer player, bool talks)
    {
        player.Poll(TimeSpan.Zero);
        while (player.TryGetPacket(out _))
            _heard++;
        if (talks && player.GetConnectionStatus() == ConnectionStatus.Connected)
            player.PutPacket(_message);
    }
}
