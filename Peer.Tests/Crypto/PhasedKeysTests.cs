using CsCheck;
using Peer.Protocol.Crypto;

namespace Peer.Tests.Crypto;

public sealed class PhasedKeysTests
{
    private const int Content = 20;

    [Fact]
    public void Both_ends_change_keys_together_and_everything_opens()
    {
        using var pair = new Pair(updateAfter: 10);
        for (var i = 0; i < 200; i++)
        {
            Assert.True(pair.Server.Open(pair.FromClient(i), SealedHeader.Length, i));
            Assert.True(pair.Client.Open(pair.FromServer(i), SealedHeader.Length, i));
        }

        Assert.Equal(19, pair.Client.Phase);
        Assert.Equal(pair.Client.Phase, pair.Server.Phase);
    }

    [Fact]
    public void An_end_that_hears_nothing_does_not_run_ahead()
    {
        using var pair = new Pair(updateAfter: 10);
        for (var i = 0; i < 1_000; i++)
            pair.FromClient(i);
        Assert.Equal(1, pair.Client.Phase);
    }

    [Fact]
    public void Datagrams_of_the_old_phase_that_come_late_open_and_those_that_claim_it_falsely_do_not()
    {
        using var pair = new Pair(updateAfter: 10);
        var all = Enumerable.Range(0, 15).Select(i => pair.FromClient(i)).ToArray();
        Assert.Equal((0, 1), (SealedHeader.PhaseOf(all[9]), SealedHeader.PhaseOf(all[10])));
        Assert.True(pair.Server.Open(all[12].ToArray(), SealedHeader.Length, 12));
        Assert.Equal(1, pair.Server.Phase);
        Assert.All(Enumerable.Range(0, 10), i => Assert.True(pair.Server.Open(all[i].ToArray(), SealedHeader.Length, i)));
        Assert.True(pair.Server.Open(all[10].ToArray(), SealedHeader.Length, 10));
        Assert.False(pair.Server.Open(all[3].ToArray(), SealedHeader.Length, 13), "an old phase behind the beginning of the new one");
    }

    [Fact]
    public void A_forged_phase_changes_nothing()
    {
        using var pair = new Pair(updateAfter: 1_000);
        for (var i = 0; i < 100; i++)
        {
            var datagram = pair.FromClient(i);
            for (byte phase = 1; phase < 16; phase++)
            {
                var forged = datagram.ToArray();
                forged[0] ^= phase;
                Assert.False(pair.Server.Open(forged, SealedHeader.Length, i));
            }

            Assert.True(pair.Server.Open(datagram, SealedHeader.Length, i));
        }

        Assert.Equal(0, pair.Server.Phase);
    }

    [Fact]
    public void No_two_phases_seal_the_same_bytes_alike()
    {
        using var pair = new Pair(updateAfter: 1);
        var seen = new HashSet<string>();
        for (var i = 0; i < 40; i++)
        {
            var datagram = pair.FromClient(i);
            Assert.True(seen.Add(Convert.ToHexString(datagram[SealedHeader.Length..])));
            Assert.True(pair.Server.Open(datagram, SealedHeader.Length, i));
            Assert.True(pair.Client.Open(pair.FromServer(i), SealedHeader.Length, i));
        }

        Assert.True(pair.Client.Phase > 16, "the four bits have gone around");
    }

    [Fact]
    public void Whatever_is_lost_or_comes_in_another_order_what_arrives_opens_and_the_ends_stay_together() =>
        Gen.Select(Gen.Int[0, 5].Array[50, 400], Gen.Int[8, 30]).Sample(
            (steps, updateAfter) =>
            {
                using var pair = new Pair(updateAfter);
                var toServer = new List<(byte[] Bytes, long Number)>();
                var toClient = new List<(byte[] Bytes, long Number)>();
                var number = 0L;
                foreach (var step in steps)
                {
                    toServer.Add((pair.FromClient(number), number));
                    toClient.Add((pair.FromServer(number), number));
                    number++;
                    Deliver(pair.Server, toServer, step);
                    Deliver(pair.Client, toClient, 5 - step);
                    Assert.InRange(Math.Abs(pair.Client.Phase - pair.Server.Phase), 0, 1);
                }
            },
            iter: 100);

    /// <summary>0 loses the newest, 1 and 2 let it wait for others to overtake it, the rest deliver one of those that wait; none is older than a few, as in a network.</summary>
    private static void Deliver(PhasedKeys keys, List<(byte[] Bytes, long Number)> air, int step)
    {
        var newest = air[^1].Number;
        if (step == 0)
            air.RemoveAt(air.Count - 1);
        if (step > 2 || air.Count > 3)
        {
            var (bytes, number) = air[step % air.Count];
            air.RemoveAt(step % air.Count);
            Assert.True(keys.Open(bytes, SealedHeader.Length, number));
        }

        air.RemoveAll(waiting => waiting.Number < newest - 4);
    }

    private sealed class Pair : IDisposable
    {
        public Pair(long updateAfter)
        {
            var random = new SeededRandom(5);
            using var keys = new SessionKeys(random.Take(32), random.Take(12), random.Take(32), random.Take(12));
            Client = new PhasedKeys(keys, isServer: false, updateAfter);
            Server = new PhasedKeys(keys, isServer: true, updateAfter);
        }

        public PhasedKeys Client { get; }

        public PhasedKeys Server { get; }

        public byte[] FromClient(long number) => Sealed(Client, number);

        public byte[] FromServer(long number) => Sealed(Server, number);

        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }

        private static byte[] Sealed(PhasedKeys keys, long number)
        {
            var datagram = new byte[SealedHeader.Length + Content + SealedHeader.TagLength];
            SealedHeader.Write(datagram, 7, number, Content);
            keys.Seal(datagram, SealedHeader.Length, number);
            return datagram;
        }
    }
}
