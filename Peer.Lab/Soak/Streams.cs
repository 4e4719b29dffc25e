using Peer.Protocol;
using Peer.TestKit;

namespace Peer.Lab.Soak;

/// <summary>
/// One end's own book of all streams to and from one peer: what it has put, and what has arrived and in which order. It knows nothing of the library's numbers; the judge compares the books of both ends.
/// </summary>
internal sealed class Streams(SoakChild child, SeededSource random)
{
    private readonly Dictionary<int, (ulong Stream, long Count)> _sent = [];
    private readonly Dictionary<ulong, (int Peer, long Count)> _received = [];
    private readonly Dictionary<int, long> _ordered = [];

    /// <summary>Puts the next message of the stream to a peer; nothing when it is not taken.</summary>
    public void Put(int peer, Func<byte[], Error> put)
    {
        if (!_sent.TryGetValue(peer, out var stream))
            stream = (random.Next(), 0);
        if (put(SoakMessage.Write(stream.Stream, stream.Count)) != Error.Ok)
            return;
        _sent[peer] = (stream.Stream, stream.Count + 1);
        child.Sent++;
    }

    /// <summary>Takes note of what a peer has sent.</summary>
    public void Take(int peer, TransferMode mode, ReadOnlySpan<byte> message)
    {
        child.Received++;
        if (!SoakMessage.TryRead(message, out var stream, out var number))
        {
            SoakChild.Tell(new SoakLine.Fault($"a message of {message.Length} bytes from {peer} is not what was sent"));
            return;
        }

        if (mode != TransferMode.Reliable)
        {
            if (_ordered.TryGetValue(peer, out var before) && number <= before)
                SoakChild.Tell(new SoakLine.Fault($"ordered message {number} from {peer} came after {before}"));
            _ordered[peer] = number;
            return;
        }

        var (from, count) = _received.GetValueOrDefault(stream, (peer, 0));
        if (from != peer)
            SoakChild.Tell(new SoakLine.Fault($"stream {stream} of {from} came from {peer}"));
        if (number != count)
            SoakChild.Tell(new SoakLine.Fault(number < count ? $"message {number} of stream {stream} came twice, after {count}" : $"message {number} of stream {stream} came where {count} was due"));
        _received[stream] = (peer, Math.Max(count, number + 1));
    }

    /// <summary>The streams from and to a peer are over at this end.</summary>
    public void End(int peer, StreamState sent, StreamState received)
    {
        if (_sent.Remove(peer, out var stream))
            SoakChild.Tell(new SoakLine.Entry(stream.Stream, IsSender: true, stream.Count, sent));
        foreach (var (id, entry) in _received.Where(pair => pair.Value.Peer == peer).ToArray())
        {
            _received.Remove(id);
            SoakChild.Tell(new SoakLine.Entry(id, IsSender: false, entry.Count, received));
        }

        _ordered.Remove(peer);
    }

    public void EndAll(StreamState sent, StreamState received)
    {
        foreach (var peer in _sent.Keys.Union(_received.Values.Select(entry => entry.Peer)).ToArray())
            End(peer, sent, received);
    }

    /// <summary>Tells how all of them stand.</summary>
    public void TellOpen()
    {
        foreach (var (stream, count) in _sent.Values)
            SoakChild.Tell(new SoakLine.Entry(stream, IsSender: true, count, StreamState.Open));
        foreach (var (stream, entry) in _received)
            SoakChild.Tell(new SoakLine.Entry(stream, IsSender: false, entry.Count, StreamState.Open));
    }
}
