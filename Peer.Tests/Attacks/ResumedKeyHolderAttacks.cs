using Peer.Protocol;
using Peer.Protocol.Wire;
using Peer.Tests.Wire;
using Xunit.Abstractions;

namespace Peer.Tests.Attacks;

/// <summary>A client with genuine keys and tickets that lies about how far it has come, or comes back without end.</summary>
public sealed class ResumedKeyHolderAttacks(ITestOutputHelper output)
{
    private const string Patient = "actorpeer.resume.grace = 60s";

    [Theory]
    [InlineData("positions of a connection that was never interrupted", false, new byte[] { 8, 0, 1, 0 })]
    [InlineData("no parts", true, new byte[] { 8, 0, 0, 0 })]
    [InlineData("a part beyond the last", true, new byte[] { 8, 1, 1, 0 })]
    [InlineData("more parts than there can be", true, new byte[] { 8, 0, 200, 0 })]
    [InlineData("more positions than fit", true, new byte[] { 8, 0, 1, 255 })]
    [InlineData("cut off", true, new byte[] { 8, 0, 1, 2, 3, 0 })]
    [InlineData("one sequence twice", true, new byte[] { 8, 0, 1, 2, 3, 0, 3, 0 })]
    [InlineData("a sequence that was never begun", true, new byte[] { 8, 0, 1, 2, 255, 1, 3, 1, 1 })]
    [InlineData("more than was ever sent", true, new byte[] { 8, 0, 1, 1, 255, 100 })]
    [InlineData("a number without end", true, new byte[] { 8, 0, 1, 1, 255, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF })]
    [Trait("Attack", "11")]
    public void Positions_that_lie_or_cannot_be_read_end_their_sender(string what, bool isResumed, byte[] frame)
    {
        using var fortress = new Fortress(output, Patient);
        using var first = new Forger(fortress.Port);
        var id = first.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        if (!isResumed)
        {
            first.Send(frame);
            Assert.Equal(DisconnectReason.ProtocolViolation, first.AwaitClose().Reason);
            fortress.Undisturbed();
            return;
        }

        using var second = new Forger(fortress.Port, ticket: first.AwaitTicket());
        Assert.Equal(id, second.Offer.PeerId);
        second.Send(frame);
        Assert.True(second.AwaitClose().Reason == DisconnectReason.ProtocolViolation, what);
        fortress.Until(() => fortress.Server.Signals.Contains($"-{id}"), "its end is heard of");
        fortress.Undisturbed();
    }

    [Fact]
    [Trait("Attack", "12")]
    public void A_client_that_comes_back_without_end_costs_one_connection()
    {
        using var fortress = new Fortress(output, Patient);
        using var first = new Forger(fortress.Port);
        var id = first.Offer.PeerId;
        fortress.Until(() => fortress.Server.Knows(id), "the forger has joined");
        var forger = first;
        var ticket = first.AwaitTicket();
        for (var time = 0; time < 30; time++)
        {
            var next = new Forger(fortress.Port, ticket: ticket);
            next.Send(FrameType.Positions, 0, 1, 1, 255, (byte)time);
            ticket = next.AwaitTicket();
            if (forger != first)
                forger.Dispose();
            forger = next;
        }

        Assert.Equal(fortress.Bystanders.Count + 1, fortress.Counters.Peers);
        Assert.Equal(30, fortress.Counters.Resumptions);
        Assert.Equal(0, fortress.Counters.HalfOpen);
        fortress.Undisturbed();
        forger.Dispose();
    }
}
