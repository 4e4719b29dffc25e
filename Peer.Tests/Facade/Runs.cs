using Peer.Actors.Facade;
using Peer.Protocol;
using Peer.Protocol.Delivery;

namespace Peer.Tests.Facade;

/// <summary>Makes and reads runs as the manager would.</summary>
internal static class Runs
{
    public static readonly SequenceKey Reliable = new(0, TransferMode.Reliable);
    public static readonly SequenceKey Unreliable = new(0, TransferMode.Unreliable);

    public static DeliveredRun Delivered(SequenceKey key, int credit, params byte[][] messages)
    {
        var writer = new RunWriter(key, null);
        foreach (var message in messages)
            writer.Append(message);
        var run = writer.Take();
        return new DeliveredRun(key, null, false, run.Bytes.ToArray(), run.Messages, credit);
    }

    public static List<Run> Drain(Outbox outbox)
    {
        var runs = new List<Run>();
        outbox.Drain(runs);
        runs.ForEach(outbox.Routed);
        return runs;
    }

    public static List<byte[]> Messages(Run run)
    {
        var messages = new List<byte[]>();
        var offset = 0;
        while (RunReader.TryNext(run.Bytes, ref offset, out var message))
            messages.Add(message.ToArray());
        Assert.Equal(run.Messages, messages.Count);
        return messages;
    }
}
