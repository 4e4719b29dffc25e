using System.Text;
using Peer.Actors;
using Peer.Node;
using Peer.Protocol;

namespace Peer.Tests.Node;

/// <summary>The loops of <c>serve</c> and <c>join</c> against a scripted peer.</summary>
public sealed class TextLoopTests : IDisposable
{
    private readonly ScriptedPeer _peer = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _peer.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void A_client_says_its_lines_once_connected_and_leaves_at_the_end_of_the_input()
    {
        _peer.Then(_ => { }).Then(peer => peer.Succeed(20));

        Assert.Equal(0, Join("hello\nworld\n"));

        Assert.Equal(["0: hello", "0: world"], _peer.Sent);
        Assert.True(_peer.Closed);
        Assert.Equal("connected to localhost:7777 as 20\n", _output.ToString());
        Assert.Equal("", _error.ToString());
    }

    [Fact]
    public void A_client_prints_who_joins_speaks_and_leaves()
    {
        _peer.Then(peer => peer.Succeed(20))
            .Then(peer => peer.Join(30))
            .Then(peer => peer.Arrive(30, "hi\u001b"))
            .Then(peer => peer.Arrive(1, "welcome"))
            .Then(peer => peer.Depart(30, DisconnectReason.Timeout, "gone"))
            .ThenEndInput();

        Assert.Equal(0, JoinOpen());

        Assert.Equal("connected to localhost:7777 as 20\n30 joined\n30: hi\uFFFD\nserver: welcome\n30 left (Timeout: gone)\n", _output.ToString());
    }

    [Fact]
    public void Commands_list_whisper_escape_and_quit()
    {
        _peer.Then(peer =>
        {
            peer.Succeed(20);
            peer.Join(30);
        });

        Assert.Equal(0, Join("/peers\n/to 30 a b  c\n//shrug\n/quit\nnever said\n"));

        Assert.Equal(["30: a b  c", "0: /shrug"], _peer.Sent);
        Assert.Contains("here: server, 30, and you, 20\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_commands_are_explained_and_do_not_end_the_talk()
    {
        _peer.Then(peer => peer.Succeed(20));

        Assert.Equal(0, Join("/to\n/to x y\n/to 99 hello\n/dance\n/\nstill here\n"));

        Assert.Equal(["0: still here"], _peer.Sent);
        Assert.Equal(
            ["usage: /to ID text", "usage: /to ID text", "nobody has the ID 99; /peers lists who is here", "/dance is not a command", "/ is not a command"],
            _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("; there are")[0]));
    }

    [Fact]
    public void A_line_that_finds_the_queue_full_is_said_later_and_in_its_place()
    {
        _peer.Then(peer =>
        {
            peer.BusyPuts = 3;
            peer.Succeed(20);
        });

        Assert.Equal(0, Join("one\ntwo\n"));

        Assert.Equal(["0: one", "0: two"], _peer.Sent);
        Assert.Equal(0, _peer.BusyPuts);
    }

    [Theory]
    [InlineData(true, "the server has gone: ShuttingDown: bye\n")]
    [InlineData(false, "cannot connect to localhost:7777: ShuttingDown: bye\n")]
    public void A_lost_server_is_exit_code_1_with_the_reason(bool connected, string complaint)
    {
        if (connected)
            _peer.Then(peer => peer.Succeed(20));
        _peer.Then(peer => peer.Lose(connected, DisconnectReason.ShuttingDown, "bye"));

        Assert.Equal(1, JoinOpen());
        Assert.Equal(complaint, _error.ToString());
    }

    [Fact]
    public void What_a_server_said_before_it_went_is_printed()
    {
        _peer.Then(peer => peer.Succeed(20)).Then(peer =>
        {
            peer.Arrive(1, "last words");
            peer.Lose(true, DisconnectReason.Closed, "");
        });

        Assert.Equal(1, JoinOpen());
        Assert.Contains("server: last words\n", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_prints_joins_words_and_leaves_and_says_its_lines_to_all()
    {
        _peer.Succeed(1);
        _peer.Then(peer => peer.Join(20))
            .Then(peer => peer.Arrive(20, "hello"))
            .Then(peer => peer.Depart(20, DisconnectReason.Closed, ""));
        using var input = new LineSource(new StringReader("hear me\n"));
        var server = new TextServer(_peer, input, new TextVoice(_output), _error);

        Assert.Equal(0, server.Run(() => _peer.IsDone && _peer.Sent.Count > 0));

        Assert.Equal("20 joined\n20: hello\n20 left (Closed)\nstopping\n", _output.ToString());
        Assert.Equal(["0: hear me"], _peer.Sent);
        Assert.True(_peer.Closed);
    }

    [Fact]
    public void A_server_that_fails_is_exit_code_1()
    {
        _peer.Succeed(1);
        _peer.Then(peer => peer.Close());
        using var input = new LineSource(new StringReader(""));

        Assert.Equal(1, new TextServer(_peer, input, new TextVoice(_output), _error).Run(() => false));
        Assert.Contains("failed", _error.ToString(), StringComparison.Ordinal);
    }

    private int Join(string lines) => Join(new StringReader(lines));

    private int JoinOpen() => Join(_peer.Input);

    private int Join(TextReader lines)
    {
        using var input = new LineSource(lines);
        return new TextClient(_peer, new ServerAddress("localhost", 7777), input, _output, _error).Run(() => false);
    }

    /// <summary>A peer that does one step of a script each poll.</summary>
    private sealed class ScriptedPeer : MultiplayerPeer
    {
        private readonly Queue<Action<ScriptedPeer>> _steps = new();
        private readonly Queue<ReceivedPacket> _packets = new();
        private readonly HashSet<int> _known = [];
        private readonly OpenInput _input = new();
        private ConnectionStatus _status = ConnectionStatus.Connecting;
        private int _id;

        public List<string> Sent { get; } = [];

        public int BusyPuts { get; set; }

        public bool Closed { get; private set; }

        public bool IsDone => _steps.Count == 0;

        /// <summary>An input that stays open until the script ends it.</summary>
        public TextReader Input => _input;

        protected override int QueuedPackets => _packets.Count;

        protected override ConnectionStatus Status => _status;

        protected override int UniqueId => _id;

        public ScriptedPeer Then(Action<ScriptedPeer> step)
        {
            _steps.Enqueue(step);
            return this;
        }

        public void ThenEndInput() => Then(_ => _input.End());

        public void Succeed(int id)
        {
            _id = id;
            _status = ConnectionStatus.Connected;
            if (id == 1)
                return;
            Join(1);
            EmitConnectionSucceeded();
        }

        public void Join(int id)
        {
            _known.Add(id);
            EmitPeerConnected(id);
        }

        public void Arrive(int peer, string text) => _packets.Enqueue(new ReceivedPacket(Encoding.UTF8.GetBytes(text), peer, 0, TransferMode.Reliable));

        public void Depart(int id, DisconnectReason reason, string text)
        {
            _known.Remove(id);
            EmitPeerDisconnected(id, DisconnectInfo.Of(reason, text));
        }

        public void Lose(bool connected, DisconnectReason reason, string text)
        {
            _status = ConnectionStatus.Disconnected;
            if (connected)
                EmitServerDisconnected(DisconnectInfo.Of(reason, text));
            else
                EmitConnectionFailed(DisconnectInfo.Of(reason, text));
        }

        protected override bool PeekPacket(out ReceivedPacket packet) => _packets.TryPeek(out packet);

        protected override bool TakePacket(out ReceivedPacket packet) => _packets.TryDequeue(out packet);

        protected override Error SendPacket(ReadOnlySpan<byte> payload, int target, int channel, TransferMode mode)
        {
            if (BusyPuts > 0)
            {
                BusyPuts--;
                return Error.Busy;
            }

            if (target != 0 && !_known.Contains(target))
                return Error.InvalidParameter;
            Sent.Add($"{target}: {Encoding.UTF8.GetString(payload)}");
            return Error.Ok;
        }

        protected override void PollEvents(TimeSpan wait)
        {
            if (_steps.TryDequeue(out var step))
                step(this);
            else
                Thread.Yield();
        }

        protected override void RemovePeer(int id, bool force)
        {
        }

        protected override void CloseTransport()
        {
            Closed = true;
            _status = ConnectionStatus.Disconnected;
        }

        private sealed class OpenInput : TextReader
        {
            private readonly ManualResetEventSlim _end = new();

            public void End() => _end.Set();

            public override string? ReadLine()
            {
                _end.Wait();
                return null;
            }
        }
    }
}
