using System.Buffers.Binary;
using CsCheck;
using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Routing;

namespace Peer.Tests.Facade;

public sealed class OutboxTests
{
    [Fact]
    public void The_doorbell_is_rung_once_until_somebody_looks()
    {
        var outbox = new Outbox();

        Assert.True(outbox.Append(0, Runs.Reliable, [1]));
        Assert.False(outbox.Append(0, Runs.Reliable, [2]));
        Assert.False(outbox.Append(5, Runs.Unreliable, [3]));
        Runs.Drain(outbox);
        Assert.True(outbox.Append(0, Runs.Reliable, [4]));
    }

    [Fact]
    public void What_was_handed_over_is_pending_until_it_is_in_the_queues()
    {
        var outbox = new Outbox();
        outbox.Append(5, Runs.Reliable, new byte[100]);
        outbox.Append(6, Runs.Reliable, new byte[50]);
        var runs = new List<Run>();
        outbox.Drain(runs);
        Assert.Equal(152, outbox.PendingBytes);
        outbox.Append(5, Runs.Reliable, new byte[10]);
        outbox.Routed(runs[0]);
        Assert.Equal(62, outbox.PendingBytes);
        outbox.Routed(runs[1]);
        Assert.Equal(11, outbox.PendingBytes);
    }

    [Fact]
    public void A_drain_of_nothing_arms_the_doorbell_again()
    {
        var outbox = new Outbox();
        Assert.Empty(Runs.Drain(outbox));
        Assert.Equal(0, outbox.PendingBytes);
        Assert.True(outbox.Append(0, Runs.Reliable, [1]));
    }

    [Fact]
    public void Runs_come_in_the_order_in_which_they_were_opened()
    {
        var outbox = new Outbox();
        outbox.Append(2, Runs.Reliable, [1]);
        outbox.Append(3, Runs.Reliable, [2]);
        outbox.Append(2, Runs.Unreliable, [3]);
        outbox.Append(2, new SequenceKey(254, TransferMode.Reliable), [4]);
        outbox.Append(2, Runs.Reliable, [5]);

        var runs = Runs.Drain(outbox);

        Assert.Equal([2, 3, 2, 2], runs.Select(run => run.Peer!.Value));
        Assert.Equal([1, 5], Runs.Messages(runs[0]).Select(message => message[0]));
        Assert.Equal(254, runs[3].Key.Channel);
    }

    [Fact]
    public void A_packet_never_overtakes_one_of_its_sequence_for_a_target_that_shares_a_recipient()
    {
        var outbox = new Outbox();
        foreach (var (target, number) in new[] { (2, 1), (3, 2), (2, 3), (0, 4), (2, 5), (3, 6), (-4, 7), (0, 8), (0, 9) })
            outbox.Append(target, Runs.Reliable, [(byte)number]);

        var runs = Runs.Drain(outbox);

        Assert.Equal([2, 3, 0, 2, 3, -4, 0], runs.Select(run => run.Peer!.Value));
        Assert.Equal([1, 3, 2, 4, 5, 6, 7, 8, 9], runs.SelectMany(Runs.Messages).Select(message => (int)message[0]));
    }

    [Fact]
    public void Law_whoever_receives_two_packets_of_a_sequence_receives_them_in_the_order_of_the_calls() =>
        Gen.Int[-4, 4].Array[0, 60].Sample(targets =>
        {
            var outbox = new Outbox();
            var drained = new List<Run>();
            for (var i = 0; i < targets.Length; i++)
            {
                outbox.Append(targets[i], Runs.Reliable, [(byte)i]);
                if (i % 23 == 22)
                    outbox.Drain(drained);
            }

            outbox.Drain(drained);
            for (var receiver = 1; receiver <= 4; receiver++)
            {
                var expected = Enumerable.Range(0, targets.Length).Where(i => Target.Reaches(targets[i], receiver)).Select(i => (byte)i);
                var got = drained.Where(run => Target.Reaches(run.Peer!.Value, receiver)).SelectMany(Runs.Messages).Select(message => message[0]);
                Assert.Equal(expected, got);
            }
        });

    [Fact]
    public void A_run_closes_at_64_KiB_and_a_larger_message_is_a_run_of_its_own()
    {
        var outbox = new Outbox();
        outbox.Append(0, Runs.Reliable, new byte[40_000]);
        outbox.Append(0, Runs.Reliable, new byte[40_000]);
        outbox.Append(0, Runs.Reliable, new byte[200_000]);
        outbox.Append(0, Runs.Reliable, [7]);

        var runs = Runs.Drain(outbox);

        Assert.Equal([1, 1, 1, 1], runs.Select(run => run.Messages));
        Assert.Equal([40_000, 40_000, 200_000, 1], runs.Select(run => Runs.Messages(run)[0].Length));
    }

    [Fact]
    public void Law_every_key_keeps_its_order_whatever_was_drained_in_between()
    {
        var put = Gen.Select(Gen.Int[-3, 3], Gen.Int[0, 2], Gen.Int[1, 30_000], Gen.Int[0, 9]);
        put.List[1, 200].Sample(
            puts =>
            {
                var outbox = new Outbox();
                var sent = new Dictionary<(int, SequenceKey), List<byte[]>>();
                var got = new Dictionary<(int, SequenceKey), List<byte[]>>();
                var number = 0;
                var rung = false;
                foreach (var (target, mode, size, drain) in puts)
                {
                    var key = new SequenceKey((byte)(target & 1), (TransferMode)mode);
                    var payload = new byte[size + 4];
                    BinaryPrimitives.WriteInt32LittleEndian(payload, number++);
                    Assert.Equal(!rung, outbox.Append(target, key, payload));
                    rung = true;
                    Add(sent, (target, key), payload);
                    if (drain != 0)
                        continue;
                    Collect(outbox, got);
                    rung = false;
                }

                Collect(outbox, got);
                Assert.Equal(sent.Count, got.Count);
                foreach (var (key, messages) in sent)
                {
                    Assert.Equal(messages.Count, got[key].Count);
                    Assert.All(messages.Zip(got[key]), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second)));
                }
            },
            iter: 60);

        static void Add(Dictionary<(int, SequenceKey), List<byte[]>> to, (int, SequenceKey) key, byte[] message)
        {
            if (!to.TryGetValue(key, out var list))
                to.Add(key, list = []);
            list.Add(message);
        }

        static void Collect(Outbox outbox, Dictionary<(int, SequenceKey), List<byte[]>> into)
        {
            var pending = outbox.PendingBytes;
            var runs = Runs.Drain(outbox);
            Assert.Equal(pending, runs.Sum(run => (long)run.Bytes.Length));
            Assert.Equal(0, outbox.PendingBytes);
            foreach (var run in runs)
            {
                foreach (var message in Runs.Messages(run))
                    Add(into, (run.Peer!.Value, run.Key), message);
                run.Release();
            }
        }
    }

    [Fact]
    public void Nothing_is_lost_or_repeated_while_another_thread_drains_on_the_doorbell()
    {
        const int Messages = 200_000;
        var outbox = new Outbox();
        using var doorbell = new SemaphoreSlim(0);
        var lateBells = 0;
        var expected = new int[2];
        var failure = "";
        var manager = new Thread(() =>
        {
            var runs = new List<Run>();
            while (expected[0] + expected[1] < Messages && failure.Length == 0)
            {
                if (!doorbell.Wait(TimeSpan.FromSeconds(60)))
                {
                    failure = "the doorbell was not rung although something was put";
                    return;
                }

                runs.Clear();
                outbox.Drain(runs);
                if (runs.Count == 0)
                    lateBells++;
                foreach (var run in runs)
                {
                    var offset = 0;
                    while (RunReader.TryNext(run.Bytes, ref offset, out var message))
                    {
                        if (BinaryPrimitives.ReadInt32LittleEndian(message.Span) != expected[run.Peer!.Value]++)
                            failure = "out of order";
                    }

                    run.Release();
                }
            }
        });
        manager.Start();
        Span<byte> payload = stackalloc byte[16];
        for (var i = 0; i < Messages; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, i / 2);
            if (outbox.Append(i & 1, Runs.Reliable, payload))
                doorbell.Release();
        }

        Assert.True(manager.Join(TimeSpan.FromSeconds(20)));
        Assert.Equal("", failure);
        Assert.Equal(0, lateBells);
        Assert.Equal([Messages / 2, Messages / 2], expected);
    }

    [Fact]
    public void Targets_that_came_and_went_are_forgotten_without_losing_a_packet()
    {
        var outbox = new Outbox();
        for (var target = 1; target <= 3000; target++)
            outbox.Append(target, Runs.Reliable, [1]);
        Assert.Equal(3000, Runs.Drain(outbox).Count);
        outbox.Append(3000, Runs.Reliable, [2]);
        Assert.Equal([2], Runs.Messages(Assert.Single(Runs.Drain(outbox)))[0]);
    }
}
