using Peer.Actors;
using Peer.Protocol;

namespace Peer.TestKit.Scenarios;

/// <summary>What was put, and whether what arrives may arrive.</summary>
internal sealed partial class Oracle
{
    private readonly List<Entry> _packets = [];

    private uint NextNumber => (uint)_packets.Count;

    /// <summary>The number that the next packet put will have; its payload holds it.</summary>
    public uint Next => NextNumber;

    /// <summary>A packet was put.</summary>
    /// <param name="session">By whom.</param>
    /// <param name="channel">Channel.</param>
    /// <param name="mode">Mode.</param>
    /// <param name="target">Target.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="outcome">What the call returned.</param>
    public void Put(Session session, int channel, TransferMode mode, int target, int length, Error outcome)
    {
        var named = Math.Abs(target);
        var expected = target == 0 || named == session.Id || session.Sees(named) ? Error.Ok : Error.InvalidParameter;
        if (outcome != expected)
            Break(Laws.PutOutcome, $"{session} put {length} bytes for {target}: {outcome}, not {expected}");
        if (outcome != Error.Ok)
            return;
        var stream = Session.StreamOf(channel, mode);
        if (!session.Sent.TryGetValue(stream, out var sent))
            session.Sent.Add(stream, sent = []);
        _packets.Add(new Entry(session, stream, sent.Count, target, length));
        sent.Add(new SentPacket(NextNumber - 1, target));
    }

    /// <summary>A packet was taken.</summary>
    public void Arrived(Session session, in ReceivedPacket packet)
    {
        Delivered++;
        if (!session.Views.TryGetValue(packet.Peer, out var view) || !view.IsPresent)
            Break(Laws.PacketsBetweenSignals, $"{session} got a packet of {packet.Peer}, who is not connected");
        var payload = packet.Payload.Span;
        if (!Payload.TryRead(payload, out var number) || number >= NextNumber || !Payload.IsIntact(payload, number, _packets[(int)number].Length))
        {
            Break(Laws.PayloadIntact, $"{session} got {payload.Length} bytes of {packet.Peer} that nobody put (number {number})");
            return;
        }

        var entry = _packets[(int)number];
        if (entry.Sender == session || !Addresses(entry.Sender, entry.Target, session))
            Break(Laws.Addressed, $"{session} got packet {number} that {entry.Sender} put for {entry.Target}");
        var stream = Session.StreamOf(packet.Channel, packet.Mode);
        if (entry.Sender.Id != packet.Peer || entry.Stream != stream)
            Break(Laws.TrueSender, $"{session} got packet {number} of {entry.Sender} as one of {packet.Peer} on {packet.Channel}/{packet.Mode}");
        if (Violation is null)
            Follow(session, entry, number, view!.Comings);
    }

    private void Follow(Session receiver, in Entry entry, uint number, int coming)
    {
        var key = (entry.Sender.Number, entry.Stream);
        if (!receiver.Readings.TryGetValue(key, out var reading))
            receiver.Readings.Add(key, reading = new Reading());
        if (reading.Coming != coming)
        {
            reading.Coming = coming;
            reading.HasBegun = false;
        }

        var what = $"packet {number} of {entry.Sender}";
        switch ((TransferMode)(entry.Stream & 3))
        {
            case TransferMode.Unreliable:
                if (!reading.TryMark(entry.Index))
                    Break(Laws.UnreliableAtMostOnce, $"{receiver} got {what} twice");
                break;

            case TransferMode.UnreliableOrdered:
                if (entry.Index < reading.Next)
                    Break(Laws.OrderedMonotonic, $"{receiver} got {what} after a later one");
                reading.Next = entry.Index + 1;
                break;

            default:
                if (entry.Index < reading.Next)
                    Break(Laws.ReliableExactlyOnce, $"{receiver} got {what} again, or after a later one");
                else if (FirstSkipped(entry.Sender, receiver, entry.Sender.Sent[entry.Stream], reading, entry.Index) is { } skipped)
                    Break(Laws.ReliableExactlyOnce, $"{receiver} got {what} and not packet {skipped} before it");
                reading.Next = entry.Index + 1;
                reading.HasBegun = true;
                break;
        }
    }

    /// <summary>A packet of a stream, before an index, that the receiver should have had; null when there is none.</summary>
    private uint? FirstSkipped(Session sender, Session receiver, List<SentPacket> sent, Reading? reading, int end)
    {
        var begun = reading is { HasBegun: true };
        var knows = sender.Views.TryGetValue(receiver.Id, out var view) && view.IsPresent;
        for (var i = reading?.Next ?? 0; i < end; i++)
        {
            // What was put before the sender knew the receiver may have been routed without it.
            if (Addresses(sender, sent[i].Target, receiver) && (begun || (knows && sent[i].Number >= view!.SeenFrom)))
                return sent[i].Number;
        }

        return null;
    }

    /// <summary>A packet of a reliable stream that the receiver should have got by now.</summary>
    private uint? FirstOwed(Session sender, Session receiver, int stream, List<SentPacket> sent)
    {
        receiver.Readings.TryGetValue((sender.Number, stream), out var reading);
        if (reading is not null && receiver.Views.TryGetValue(sender.Id, out var view) && reading.Coming != view.Comings)
            reading.HasBegun = false;
        return FirstSkipped(sender, receiver, sent, reading, sent.Count);
    }

    private bool Addresses(Session sender, int target, Session receiver)
    {
        if (!relay && sender.Kind == SessionKind.Client && receiver.Kind == SessionKind.Client)
            return false;
        return target == 0 || (target > 0 ? target == receiver.Id : target != -receiver.Id);
    }

    private readonly record struct Entry(Session Sender, int Stream, int Index, int Target, int Length);
}
