using System.Runtime.ExceptionServices;
using Akka.Actor;
using Akka.Event;
using Peer.Protocol.Delivery;

namespace Peer.Actors.Connections;

/// <summary>
/// A connection's way to one of its sequencers: messages, or, where both run on one thread at a time, calls that do the same. A call goes through only
/// while no message waits in the mailbox, so nothing overtakes anything; what it throws fails the sequencer, not the connection that called.
/// </summary>
/// <param name="isShared">Whether connection and sequencer never run at the same time.</param>
internal sealed class SequencerLine(bool isShared)
{
    private Sequencer? _open;
    private int _told;

    /// <summary>The sequencer.</summary>
    public IActorRef Actor { get; set; } = ActorRefs.Nobody;

    /// <summary>Number and cut these runs. Frames that are ready at once go into the list, later ones come as <see cref="FramesReady"/>.</summary>
    public void Submit(SubmitRuns runs, List<OutboundFrame> ready)
    {
        if (_open is not { } sequencer)
        {
            Tell(runs);
            return;
        }

        try
        {
            sequencer.Submit(runs, ready);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Let go of these frames. What there is room for now goes into the list, or comes as <see cref="FramesReady"/>.</summary>
    public void Release(FramesDone done, List<OutboundFrame> ready)
    {
        if (_open is not { } sequencer)
        {
            Tell(done);
            return;
        }

        try
        {
            sequencer.Release(done, ready);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Frames arrived; what they complete goes to the manager.</summary>
    public void Receive(FramesArrived arrived)
    {
        if (_open is not { } sequencer)
        {
            Tell(arrived);
            return;
        }

        try
        {
            sequencer.Receive(arrived);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    /// <summary>The sequencer is through with a message: once it is through with all of them it may be called.</summary>
    public void Handled(Sequencer sequencer)
    {
        if (isShared && --_told == 0)
            _open = sequencer;
    }

    /// <summary>The sequencer has stopped.</summary>
    public void Close() => _open = null;

    /// <summary>Tells it something else. What is called for afterwards waits behind it.</summary>
    public void Tell(ISequencerMessage message)
    {
        _open = null;
        if (isShared)
            _told++;
        Actor.Tell(message);
    }

    private void Fail(Exception failure)
    {
        // What is told from now on waits behind the failure, and ends with the sequencer.
        _open = null;
        _told = int.MaxValue / 2;
        Actor.Tell(new SequencerFailed(ExceptionDispatchInfo.Capture(failure)));
    }
}

/// <summary>To a sequencer: a call to it failed, and so has it.</summary>
internal sealed record SequencerFailed(ExceptionDispatchInfo Failure) : ISequencerMessage;
