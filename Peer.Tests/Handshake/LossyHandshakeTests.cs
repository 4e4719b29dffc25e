using Peer.Protocol.Crypto;
using Peer.Protocol.Handshake;
using static Peer.Tests.Handshake.HandshakeWorld;

namespace Peer.Tests.Handshake;

public class LossyHandshakeTests
{
    [Fact]
    public void Lost_late_and_doubled_datagrams_still_lead_to_one_connection()
    {
        var established = 0;
        for (var seed = 0; seed < 60; seed++)
            established += Run(seed, lossPercent: 30) ? 1 : 0;
        Assert.Equal(60, established);
    }

    [Fact]
    public void A_dead_line_ends_in_a_timeout() => Assert.False(Run(1, lossPercent: 100));

    /// <summary>Both ends over a pipe that loses, delays and doubles, on virtual time; the server keeps what its HELLO tells it to keep.</summary>
    private static bool Run(int seed, int lossPercent)
    {
        var chance = new Random(seed);
        var world = new HandshakeWorld();
        var gate = Gate(requireToken: true);
        var history = new TokenHistory(100);
        using var identity = ServerIdentity.Generate(new SeededRandom(seed));
        using var client = Client(seed, IssueToken(seed), identity.PublicKey.ToArray());
        WelcomeResult? welcomed = null;
        var air = new PriorityQueue<(bool ToServer, byte[] Bytes), long>();
        var datagram = new byte[1_200];
        var now = 0L;

        while (client.State == ClientHandshakeState.Hello)
        {
            while (client.TryTransmit(now, datagram, out _))
                Send(true, datagram);
            now = Math.Min(client.NextTimeout, air.TryPeek(out _, out var due) ? due : long.MaxValue);
            while (air.TryPeek(out var next, out due) && due <= now)
            {
                air.Dequeue();
                if (next.ToServer)
                    Serve(next.Bytes);
                else
                    client.Handle(next.Bytes, now);
            }
        }

        if (client.State != ClientHandshakeState.Established)
            return false;
        Assert.Equal(Convert.ToHexString(welcomed!.Keys.ServerKey), Convert.ToHexString(client.Keys.ServerKey));
        Assert.Equal(1, history.Attempted);
        return true;

        void Serve(byte[] bytes)
        {
            var verdict = world.Check(gate, bytes, UnixNow + (now / 1_000_000));
            if (verdict.Action == GateAction.Reply)
            {
                Send(false, world.Reply.AsSpan(0, world.ReplyLength));
            }
            else if (verdict.Action == GateAction.Admit)
            {
                if (welcomed is null)
                {
                    Assert.True(history.TryBegin(world.Token!.Id, world.Token.Expiry, UnixNow, out _));
                    welcomed = ServerHandshake.Accept(world.Hello!, world.Token.Secret, Offer, identity, new SeededRandom(seed + 1_000))!;
                }

                Send(false, welcomed.Datagram);
            }
        }

        void Send(bool toServer, ReadOnlySpan<byte> bytes)
        {
            for (var copies = chance.Next(100) < 20 ? 2 : 1; copies > 0; copies--)
            {
                if (chance.Next(100) >= lossPercent)
                    air.Enqueue((toServer, bytes.ToArray()), now + chance.Next(10_000, 400_000));
            }
        }
    }
}
