using CsCheck;
using Peer.Protocol.ENet;
using Peer.TestKit;

namespace Peer.Tests.ENet;

/// <summary>What an ENet connection promises, whatever the path does.</summary>
public sealed class ENetLawTests
{
    private static readonly Gen<int> Length =
        Gen.Frequency((1, Gen.Const(0)), (6, Gen.Int[1, 100]), (3, Gen.Int[101, 5_000]), (1, Gen.Int[5_001, 60_000]), (1, Gen.Const(150_000)));

    private static readonly Gen<Story> Stories =
        from seed in Gen.Int[1, 1 << 20]
        from loss in Gen.Int[0, 35]
        from repeat in Gen.Int[0, 30]
        from delay in Gen.Long[0, 80_000]
        from jitter in Gen.Long[0, 40_000]
        from outside in Gen.Int[0, 3]
        from talk in Gen.Select(Gen.Bool, Gen.Byte[0, 3], Gen.Int[0, 4], Length, Gen.Long[0, 30_000]).Array[1, 40]
        select new Story(seed, loss / 100.0, repeat / 100.0, delay, jitter, outside, talk);

    internal sealed record Story(
        int Seed, double Loss, double Repeat, long Delay, long Jitter, int Outside, (bool FromClient, byte Channel, int Delivery, int Length, long Pause)[] Talk)
    {
        public override string ToString() => $"{Seed} loss {Loss} repeat {Repeat} delay {Delay} jitter {Jitter} outside {Outside}: {string.Join("; ", Talk)}";
    }

    [Fact]
    public void Reliable_messages_arrive_exactly_once_and_in_order_and_others_at_most_once_and_never_backwards() =>
        Stories.Sample(
            story =>
            {
                using var pair = Play(story, out var sent);
                Assert.True(pair.RunUntil(() => pair.Client.Peer.IsIdle && pair.Server.Peer.IsIdle, 600_000_000), "not all was acknowledged");
                pair.Loss = 0;
                pair.Run(1_000_000);
                foreach (var fromClient in new[] { true, false })
                {
                    var taken = (fromClient ? pair.Server : pair.Client).Taken;
                    for (byte channel = 0; channel <= 3; channel++)
                        Compare([.. sent.Where(s => s.FromClient == fromClient && s.Channel == channel)], [.. taken.Where(t => t.Channel == channel)]);
                }
            },
            iter: 60, threads: 1);

    [Fact]
    public void Damaged_datagrams_never_reach_the_reader_where_both_ends_use_checksums() =>
        Stories.Where(story => story.Outside is 1 or 3).Sample(
            story =>
            {
                using var pair = Play(story, out var sent, damage: 0.1);
                Assert.True(pair.RunUntil(() => pair.Client.Peer.IsIdle && pair.Server.Peer.IsIdle, 600_000_000), "not all was acknowledged");
                var known = sent.Select(s => Convert.ToHexString(s.Payload)).ToHashSet();
                Assert.All(pair.Client.Taken.Concat(pair.Server.Taken), taken => Assert.Contains(Convert.ToHexString(taken.Payload), known));
            },
            iter: 20, threads: 1);

    private static ENetPair Play(Story story, out List<(bool FromClient, byte Channel, ENetDelivery Delivery, byte[] Payload)> sent, double damage = 0)
    {
        var settings = new ENetSettings
        {
            Checksum = (story.Outside & 1) != 0,
            Compressor = (story.Outside & 2) != 0 ? ENetCompressor.RangeCoder : ENetCompressor.None,
            TimeoutMin = 300_000_000,
            TimeoutMax = 600_000_000,
            AssemblyTimeout = 600_000_000,
        };
        var pair = ENetPair.Connected(settings, (ulong)story.Seed);
        (pair.Loss, pair.Repeat, pair.Delay, pair.Jitter, pair.Damage) = (story.Loss, story.Repeat, story.Delay, story.Jitter, damage);
        sent = [];
        var random = new SeededSource((ulong)story.Seed);
        foreach (var (fromClient, channel, delivery, length, pause) in story.Talk)
        {
            // Half of them compress well.
            var payload = new byte[length];
            random.Fill(payload);
            if ((length & 1) != 0)
                payload.AsSpan().Slice(length / 2).Clear();
            if (length >= 4)
                BitConverter.TryWriteBytes(payload, sent.Count);
            Assert.True((fromClient ? pair.Client : pair.Server).Send(channel, (ENetDelivery)delivery, payload));
            sent.Add((fromClient, channel, (ENetDelivery)delivery, payload));
            if (pause > 10_000)
                pair.Run(pause);
        }

        return pair;
    }

    private static void Compare(
        List<(bool FromClient, byte Channel, ENetDelivery Delivery, byte[] Payload)> sent, List<(byte Channel, ENetDelivery Delivery, byte[] Payload)> taken)
    {
        // What is long and was not to go in unreliable pieces goes reliably: then it arrives, too.
        var reliable = sent.Where(s => s.Delivery == ENetDelivery.Reliable || (s.Payload.Length > 1356 && s.Delivery is ENetDelivery.Unreliable or ENetDelivery.Unsequenced && s.Payload.Length > 1364)).ToList();
        var arrived = taken.Where(t => t.Delivery == ENetDelivery.Reliable).ToList();
        foreach (var message in reliable.Where(s => s.Payload.Length >= 4))
            Assert.Single(taken, t => t.Payload.AsSpan().SequenceEqual(message.Payload));
        var order = arrived.Where(t => t.Payload.Length >= 4).Select(t => BitConverter.ToInt32(t.Payload)).ToList();
        Assert.Equal(order.Order(), order);
        Assert.Equal(sent.Count(s => s.Delivery == ENetDelivery.Reliable && s.Payload.Length == 0), arrived.Count(t => t.Payload.Length == 0));

        var unreliable = taken.Where(t => t.Delivery == ENetDelivery.Unreliable && t.Payload.Length >= 4).Select(t => BitConverter.ToInt32(t.Payload)).ToList();
        Assert.Equal(unreliable.Order().Distinct(), unreliable);
        var unsequenced = taken.Where(t => t.Delivery == ENetDelivery.Unsequenced && t.Payload.Length >= 4).Select(t => BitConverter.ToInt32(t.Payload)).ToList();
        Assert.Equal(unsequenced.Count, unsequenced.Distinct().Count());
        foreach (var message in taken.Where(t => t.Payload.Length >= 4))
            Assert.Contains(sent, s => s.Payload.AsSpan().SequenceEqual(message.Payload));
    }
}
