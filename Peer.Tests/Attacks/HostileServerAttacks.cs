using Akka.Actor;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Control;
using Peer.Protocol.Delivery;
using Peer.Tests.Stories;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A server whose handshake is honest and whose news are not: its client leaves it, and whoever plays elsewhere in the same process notices nothing.</summary>
public sealed class HostileServerAttacks : IDisposable
{
    private readonly Fortress _elsewhere;
    private readonly ActorSystem _lair;
    private readonly Player _server;
    private readonly Player _victim;
    private readonly IActorRef _toVictim;

    public HostileServerAttacks(ITestOutputHelper output)
    {
        _elsewhere = new Fortress(output);
        _lair = _elsewhere.Arena.NewSystem("");
        _server = _elsewhere.Arena.Serve(system: _lair);
        _victim = _elsewhere.Arena.Join(_server);
        _toVictim = _lair.ActorSelection($"/user/*/connection-{_victim.Id}").ResolveOne(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();
    }

    [Fact]
    [Trait("Attack", "23")]
    public void Leaves_and_joins_without_end_and_never_the_marks_that_would_let_them_through_end_the_connection()
    {
        var leave = new PeerLeft(7, DisconnectReason.Closed, "", [4]);
        Tell(new PeersJoined([7]), leave);
        _elsewhere.Until(() => _victim.Knows(7), "somebody joins");
        _elsewhere.Withstands(40, _ => Tell([.. Enumerable.Range(0, 10_000).Select(i => (IControlMessage)(i % 2 == 0 ? new PeersReturned([7]) : leave))]));
        _elsewhere.Until(() => _victim.Signals.Contains("server gone"), "the victim leaves its server");
        Assert.Equal(DisconnectReason.ProtocolViolation, _victim.Reasons[^1].Reason);
        Assert.Equal(1, _victim.Signals.Count(signal => signal == "+7"));
        Assert.Equal(1, _victim.Signals.Count(signal => signal == "-7"));
        _elsewhere.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "23")]
    public void Joins_and_leaves_without_end_that_nobody_reads_end_the_connection()
    {
        _victim.Polls = false;
        var leave = new PeerLeft(7, DisconnectReason.Closed, "", []);
        _elsewhere.Withstands(20, _ => Tell([.. Enumerable.Range(0, 10_000).Select(i => (IControlMessage)(i % 2 == 0 ? new PeersJoined([7]) : leave))]));
        _elsewhere.Until(() => _server.Signals.Contains($"-{_victim.Id}"), "the victim leaves its server");
        Assert.Equal(DisconnectReason.QueueOverflow, _server.Reasons[^1].Reason);

        // Whoever reads late reads what there was, and that it is over.
        _victim.Polls = true;
        _elsewhere.Until(() => _victim.Signals.Contains("server gone"), "the victim hears of it");
        Assert.InRange(_victim.Signals.Count(signal => signal == "+7"), 60_000, 80_000);
        _elsewhere.Undisturbed();
    }

    public void Dispose() => _elsewhere.Dispose();

    private void Tell(params IControlMessage[] messages)
    {
        var writer = new RunWriter(SequenceKey.Control, null);
        foreach (var message in messages)
            writer.Append(ControlCodec.Encode(message));
        var forward = new Forward();
        forward.Items.Add(writer.Take());
        _toVictim.Tell(forward, ActorRefs.NoSender);
    }
}
