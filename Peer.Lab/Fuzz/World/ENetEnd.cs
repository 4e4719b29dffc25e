using System.Net;
using Peer.Protocol.Delivery;
using Peer.Protocol.ENet;

namespace Peer.Lab.Fuzz.World;

/// <summary>One end of an ENet connection, with the budgets that a connection's actor gives it, and what must hold of all that it hands up and sends.</summary>
internal sealed class ENetEnd : IENetListener, IDisposable
{
    private const long ReliableBytes = 256 << 10;
    private const long UnreliableBytes = 128 << 10;
    private const long UnreadBytes = 128 << 10;
    private const int BatchBytes = 64_000;
    private const int MostBatches = 256;

    [ThreadStatic]
    private static byte[]? _batch;

    private readonly ByteBudget _reliable;
    private readonly ByteBudget _unreliable;
    private readonly ENetSettings _settings;
    private long _unread;

    public ENetEnd(ENetSettings settings, IPEndPoint remote, ByteBudget partials, Func<IENetListener, ENetBudgets, ENetPeer> create)
    {
        _settings = settings;
        _reliable = new ByteBudget(ReliableBytes, partials);
        _unreliable = new ByteBudget(UnreliableBytes, partials);
        Remote = remote;
        Peer = create(this, new ENetBudgets(_reliable, _unreliable, UnreadBytes));
    }

    public ENetPeer Peer { get; }

    public IPEndPoint Remote { get; }

    /// <summary>Messages handed up.</summary>
    public int Messages { get; private set; }

    /// <summary>The last of them, when it is short.</summary>
    public byte[] LastMessage { get; private set; } = [];

    public void Say(byte channel, ENetDelivery delivery, byte[] message) => Peer.Send(channel, delivery, new PacketContent(message, null));

    /// <summary>Lets the timers run that are due, and sends; each datagram is given to whoever carries it.</summary>
    public void Work(long now, Action<byte[], IPEndPoint>? carry)
    {
        Peer.HandleTimeout(now);
        var batch = _batch ??= new byte[BatchBytes];
        var batches = 0;
        int length;
        while ((length = Peer.Transmit(now, batch, out var segment)) > 0)
        {
            BrokenLawException.Unless(segment > 0 && segment <= length && segment <= ENetFormat.MaxMtu && length <= batch.Length, "a batch has no legal size");
            BrokenLawException.Unless(++batches < MostBatches, "sending does not come to an end");
            for (var at = 0; carry is not null && at < length; at += segment)
                carry(batch.AsSpan(at, Math.Min(segment, length - at)).ToArray(), Remote);
        }

        BrokenLawException.Unless(Peer.NextTimeout(now) > now, "a timer is due again at once");
        Check();
    }

    /// <summary>The reader takes what has come.</summary>
    public void Read()
    {
        Peer.Consumed(_unread);
        _unread = 0;
    }

    /// <summary>Ends it, and finds what stays reserved.</summary>
    public void Dispose()
    {
        Check();
        Peer.Dispose();
        BrokenLawException.Unless((_reliable.Used, _unreliable.Used) == (0, 0), "bytes stay reserved for a connection that is over");
        BrokenLawException.Unless(Peer.QueuedBytes == 0, "bytes stay queued for a connection that is over");
    }

    int IENetListener.Received(byte channel, ENetDelivery delivery, ReadOnlySpan<byte> payload)
    {
        BrokenLawException.Unless(payload.Length <= _settings.MaxMessageBytes && channel < Peer.Channels, "a message has no legal length or channel");
        Messages++;
        LastMessage = payload.Length <= 64 ? payload.ToArray() : [];
        if (delivery != ENetDelivery.Reliable)
            return 0;
        _unread += payload.Length;
        return payload.Length;
    }

    private void Check()
    {
        BrokenLawException.Unless(_unread <= UnreadBytes + ReliableBytes + _settings.MaxMessageBytes, "more is handed up than a reader who does not read has room for");
        var flight = Peer.Statistics().BytesInFlight;
        BrokenLawException.Unless(flight >= 0 && Peer.QueuedBytes >= flight && (!Peer.IsIdle || Peer.QueuedBytes == 0), "what is queued and what is under way is counted wrongly");
    }
}
