using Peer.Protocol.Handover;

namespace Peer.Protocol.Delivery;

/// <summary>Puts the frames of a reliable sequence in order, each exactly once, and its pieces together.</summary>
/// <remarks>
/// Early frames are copied, since a payload is a slice of a whole receive, which one of them would keep for as long as it waits. They are kept by number and not in a ring, because a ring would be
/// sized by the first number that a stranger sends.
/// </remarks>
internal sealed class ReliableOrder(SequenceKey key, DeliverySettings settings, ByteBudget budget, ByteBudget? early, long first)
{
    /// <summary>What an early frame costs beside its payload.</summary>
    public const int EarlyOverhead = 128;

    private const int CapacityKeptWhenEmpty = 256;

    private Dictionary<long, EarlyFrame>? _early;
    private MessageAssembly? _assembly;
    private long _held;

    /// <summary>Number of the next frame in order.</summary>
    public long Expected { get; private set; } = first;

    /// <summary>Whether a frame was delivered, or waits for an earlier one.</summary>
    public bool Contains(long sequence) => sequence < Expected || (_early is not null && _early.ContainsKey(sequence));

    /// <summary>Takes a new frame whose payload holds so many messages; false when no honest sender sends it.</summary>
    public bool TryAdd(long sequence, in InboundFrame frame, int messages, RunBuffer? owner, List<DeliveredRun> delivered)
    {
        // The credit that we granted is the sender's to keep to, so a refusal is its fault.
        if (sequence - Expected >= DeliverySettings.MaxWindowFrames || !budget.TryReserve(frame.Payload.Length))
            return false;
        _held += frame.Payload.Length;
        if (sequence != Expected)
            return TryKeep(sequence, frame, messages);
        if (!TryAdvance(frame, messages, owner, delivered))
            return false;
        while (_early is not null && _early.Remove(Expected, out var next))
        {
            early?.Release(EarlyOverhead);
            var fits = TryAdvance(next.Frame, next.Messages, next.Owner, delivered);
            next.Owner.Release();
            if (!fits)
                return false;
        }

        if (_early is { Count: 0 } && _early.Capacity > CapacityKeptWhenEmpty)
            _early = null;
        return true;
    }

    /// <summary>Gives back what was reserved and not handed up.</summary>
    public void Clear()
    {
        budget.Release(_held);
        early?.Release((_early?.Count ?? 0) * (long)EarlyOverhead);
        _held = 0;
        foreach (var waiting in _early?.Values ?? Enumerable.Empty<EarlyFrame>())
            waiting.Owner.Release();
        _early = null;
        _assembly?.Abandon();
        _assembly = null;
    }

    /// <summary>What waits here, for another process.</summary>
    public HandedInbound Export()
    {
        var frames = (_early ?? []).OrderBy(pair => pair.Key).Select(pair => new HandedFrame(
            pair.Key, pair.Value.Frame.Peer, pair.Value.Frame.Ended, pair.Value.Frame.FragmentIndex, pair.Value.Frame.FragmentCount, 0, true, pair.Value.Frame.Payload.ToArray()));
        return new HandedInbound(Expected, [.. frames], _assembly?.Export());
    }

    /// <summary>Takes what waited in another process; false when it breaks a rule or a budget.</summary>
    public bool TryImport(HandedInbound handed)
    {
        foreach (var frame in handed.Early)
        {
            var read = new InboundFrame(key, (uint)frame.Sequence, frame.Peer, frame.Ended, frame.FragmentIndex, frame.FragmentCount, frame.Payload);
            if (!FrameContent.TryCount(read, settings, out var messages) || !budget.TryReserve(frame.Payload.Length))
                return false;
            _held += frame.Payload.Length;
            if (!TryKeep(frame.Sequence, read, messages))
                return false;
        }

        if (handed.Assembly is not { } begun)
            return true;
        if (!budget.TryReserve(begun.Bytes.Length))
            return false;
        _held += begun.Bytes.Length;
        _assembly = MessageAssembly.Import(begun, settings.MaxMessageBytes);
        return _assembly is not null;
    }

    private bool TryKeep(long sequence, in InboundFrame frame, int messages)
    {
        if (early is not null && !early.TryReserve(EarlyOverhead))
            return false;
        var copy = frame.Payload.ToArray();
        (_early ??= []).Add(sequence, new EarlyFrame(frame with { Payload = copy }, messages, RunBuffer.Wrap(copy)));
        return true;
    }

    private bool TryAdvance(in InboundFrame frame, int messages, RunBuffer? owner, List<DeliveredRun> delivered)
    {
        if (!frame.IsFragment)
        {
            if (_assembly is not null)
                return false;
            Expected++;
            owner?.Retain();
            HandUp(new DeliveredRun(key, frame.Peer, frame.Ended, frame.Payload, messages, frame.Payload.Length, owner), delivered);
            return true;
        }

        _assembly ??= new MessageAssembly(frame.FragmentCount, frame.Peer, settings.MaxMessageBytes);
        if (frame.FragmentIndex != _assembly.NextIndex || !_assembly.Admits(frame))
            return false;
        Expected++;
        _assembly.Append(frame.Payload.Span);
        if (!_assembly.IsComplete)
            return true;
        HandUp(new DeliveredRun(key, frame.Peer, Ended: false, _assembly.Finish(out var whole), 1, _assembly.MessageBytes, whole), delivered);
        _assembly = null;
        return true;
    }

    private void HandUp(DeliveredRun run, List<DeliveredRun> delivered)
    {
        _held -= run.CreditBytes;
        if (key.IsControl)
        {
            // Control messages are outside the credit: nobody gives it back for them.
            budget.Release(run.CreditBytes);
            run = run with { CreditBytes = 0 };
        }

        delivered.Add(run);
    }

    private readonly record struct EarlyFrame(InboundFrame Frame, int Messages, RunBuffer Owner);
}
