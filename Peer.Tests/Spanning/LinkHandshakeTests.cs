using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Peer.Actors;
using Peer.Actors.Spanning;
using Peer.TestKit;
using Peer.Tests.Resume;

namespace Peer.Tests.Spanning;

/// <summary>How a gateway makes links, told message by message: its home and another gateway are played by the test, in whatever order news may come.</summary>
public sealed class LinkHandshakeTests : IDisposable
{
    private const int Afar = 1000 * 64;

    private readonly Simulation _simulation = new(1, ConfigurationFactory.ParseString("actorpeer.span { window = 1MiB, queue = 1MiB }"));
    private readonly List<object> _toHome = [];
    private readonly List<object> _toOther = [];
    private readonly IActorRef _home;
    private readonly IActorRef _other;
    private readonly IActorRef _gateway;
    private readonly Traveller _client;

    public LinkHandshakeTests()
    {
        var far = _simulation.Host("far");
        _home = far.ActorOf(Props.Create(() => new Listener(_toHome)));
        _other = far.ActorOf(Props.Create(() => new Listener(_toOther)));
        var node = _simulation.Host("node");
        _gateway = node.Manager(new PeerRole.Server(new IPEndPoint(IPAddress.Any, Traveller.Port)) { Home = _home });
        _simulation.RunFor(TimeSpan.FromMilliseconds(100));
        Assert.IsType<SpanJoin>(Assert.Single(_toHome));
        Tell(new SpanWelcome(5, []), _home);
        Tell(new SpanOpen(101, 0, []), _home);
        var guest = _simulation.Host("guest");
        _client = new Traveller(guest, guest.Join(node, Traveller.Port));
        Assert.True(_simulation.RunUntil(() => _client.IsConnected, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void An_opening_is_answered_and_one_that_is_said_again_is_answered_again()
    {
        var half = OpenedFor(201);
        Tell(new SpanOpen(201, 0, [Afar]), _other);
        Assert.Equal(new SpanOpen(half, 201, [_client.Id]), Assert.IsType<SpanOpen>(_toOther[^1]), Same);
        Assert.Equal(["+1", $"+{Afar}"], _client.Told);
    }

    [Fact]
    public void An_opening_of_a_half_that_was_given_up_does_not_make_a_link()
    {
        OpenedFor(201);
        Tell(new SpanBroken(201, "too slow"), _other);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
        _toOther.Clear();

        // It was said again before the answer came, and arrives late.
        Tell(new SpanOpen(201, 0, [Afar]), _other);
        Assert.Empty(_toOther);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        var anew = Assert.IsType<SpanOpen>(_toOther[^1]);
        Assert.Equal(0UL, anew.Answers);
        Tell(new SpanOpen(201, 0, [Afar]), _other);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
        Tell(new SpanOpen(202, anew.Link, [Afar]), _other);
        Assert.Equal($"+{Afar}", _client.Told[^1]);
    }

    [Fact]
    public void An_opening_that_arrives_before_the_word_that_the_old_link_is_broken_ends_that_and_makes_a_new_one()
    {
        var old = OpenedFor(201);
        Tell(new SpanOpen(202, 0, [Afar]), _other);
        var anew = Assert.IsType<SpanOpen>(_toOther[^1]);
        Assert.Equal(202UL, anew.Answers);
        Assert.NotEqual(old, anew.Link);
        Assert.Equal(["+1", $"+{Afar}", $"-{Afar} QueueOverflow", $"+{Afar}"], _client.Told);

        // What comes of the old one counts no more.
        _toOther.Clear();
        Tell(new SpanBroken(201, "too slow"), _other);
        Tell(new SpanBatch(201, 0, true, Items(writer => SpanItems.WritePeer(writer, SpanItems.Joined, Afar + 64))), _other);
        Assert.Equal(new SpanStray(201), Assert.Single(_toOther));
        Tell(new SpanBatch(202, 0, true, Items(writer => SpanItems.WritePeer(writer, SpanItems.Joined, Afar + 128))), _other);
        Assert.Equal([$"+{Afar}", $"+{Afar + 128}"], _client.Told[^2..]);
    }

    [Fact]
    public void Openings_that_cross_make_one_link()
    {
        OpenedFor(201);
        Tell(new SpanBroken(201, "too slow"), _other);
        _toOther.Clear();
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        var anew = Assert.IsType<SpanOpen>(_toOther[^1]);
        Tell(new SpanOpen(202, 0, [Afar]), _other);
        Assert.Single(_toOther);

        // The other end has not had ours, or says its own again because it was late.
        Tell(new SpanOpen(202, 0, [Afar]), _other);
        Assert.Equal(new SpanOpen(anew.Link, 202, [_client.Id]), Assert.IsType<SpanOpen>(_toOther[^1]), Same);
        Tell(new SpanOpen(202, anew.Link, [Afar]), _other);
        Assert.Equal(["+1", $"+{Afar}", $"-{Afar} QueueOverflow", $"+{Afar}"], _client.Told);
    }

    [Fact]
    public void An_answer_to_a_half_that_is_over_makes_no_link()
    {
        var half = OpenedFor(201);
        Tell(new SpanBroken(201, "too slow"), _other);
        _toOther.Clear();
        Tell(new SpanOpen(202, half, [Afar]), _other);
        Assert.Empty(_toOther);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
    }

    [Fact]
    public void A_link_of_which_the_other_end_knows_nothing_is_made_anew_and_a_missing_batch_is_noticed()
    {
        var half = OpenedFor(201);
        Tell(new SpanStray(half), _other);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        var anew = Assert.IsType<SpanOpen>(_toOther[^1]);

        // Not answered yet: said again, and not given up.
        Tell(new SpanStray(anew.Link), _other);
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Equal(anew, Assert.IsType<SpanOpen>(_toOther[^1]), Same);
        Tell(new SpanOpen(202, anew.Link, [Afar]), _other);
        Assert.Equal($"+{Afar}", _client.Told[^1]);
        Tell(new SpanBatch(202, 1, true, []), _other);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
        Assert.Equal(anew.Link, Assert.IsType<SpanBroken>(_toOther[^1]).Link);
    }

    [Fact]
    public void A_gateway_that_its_home_does_not_know_any_more_ends_without_a_word()
    {
        Tell(new SpanBatch(102, 0, true, []), _home);
        Assert.Equal(new SpanStray(102), _toHome[^1]);
        var told = new List<object>();
        _gateway.Tell(new Subscribe(_simulation.Host("far").ActorOf(Props.Create(() => new Listener(told)))));
        Tell(new SpanStray(Assert.IsType<SpanOpen>(_toHome[1]).Link), _home);
        _simulation.RunFor(TimeSpan.FromSeconds(1));
        Assert.Contains(told, news => news is Stopped);
        Assert.Equal(["+1"], _client.Told);
    }

    [Fact]
    public void A_link_that_has_more_to_tell_of_than_it_may_hold_is_given_up_though_nothing_is_relayed_over_it()
    {
        var half = OpenedFor(201);
        for (var i = 0; i < 100_000; i++)
            _gateway.Tell(new AfarConsumed(Afar, long.MaxValue), ActorRefs.NoSender);
        _simulation.RunFor(TimeSpan.FromMilliseconds(100));
        Assert.Equal(half, Assert.Single(_toOther.OfType<SpanBroken>()).Link);
        Assert.Equal($"-{Afar} QueueOverflow", _client.Told[^1]);
        Assert.InRange(_toOther.OfType<SpanBatch>().Sum(batch => batch.Bytes.Length), 1 << 20, (1 << 20) + (100 << 10));
    }

    public void Dispose() => _simulation.Dispose();

    /// <summary>The other gateway opens, and is answered with the half that is returned.</summary>
    private ulong OpenedFor(ulong link)
    {
        Tell(new SpanOpen(link, 0, [Afar]), _other);
        var answer = Assert.IsType<SpanOpen>(Assert.Single(_toOther));
        Assert.Equal(link, answer.Answers);
        Assert.Equal($"+{Afar}", _client.Told[^1]);
        return answer.Link;
    }

    private void Tell(ISpanMessage message, IActorRef from)
    {
        _gateway.Tell(message, from);
        _simulation.RunFor(TimeSpan.FromMilliseconds(100));
    }

    private static bool Same(SpanOpen one, SpanOpen other) => one.Link == other.Link && one.Answers == other.Answers && one.Peers.SequenceEqual(other.Peers);

    private static byte[] Items(Action<System.Buffers.IBufferWriter<byte>> write)
    {
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    private sealed class Listener(List<object> told) : UntypedActor
    {
        protected override void OnReceive(object message) => told.Add(message);
    }
}
