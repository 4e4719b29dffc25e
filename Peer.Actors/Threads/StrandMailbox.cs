using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace Peer.Actors.Threads;

/// <summary>The mailbox of actors that run on a strand; made by the actor system, from its name in the configuration.</summary>
internal sealed class StrandMailbox : MailboxType, IProducesMessageQueue<StrandMessageQueue>
{
    /// <summary>Its name in the configuration.</summary>
    public const string Id = "actorpeer.strand-mailbox";

    public StrandMailbox(Akka.Actor.Settings settings, Config config)
        : base(settings, config)
    {
    }

    /// <inheritdoc />
    public override IMessageQueue Create(IActorRef owner, ActorSystem system) => new StrandMessageQueue();
}

/// <summary>
/// An unbounded queue that takes no memory while nothing is in it. Nearly all messages come from the thread that reads them, and a server has thousands of
/// these: the concurrent queue of Akka's own mailbox costs a kilobyte each.
/// </summary>
internal sealed class StrandMessageQueue : IMessageQueue, IUnboundedMessageQueueSemantics
{
    private const int Least = 4;
    private const int MostKept = 64;

    private Envelope[] _items = [];
    private int _first;
    private int _count;
    private int _held;

    /// <inheritdoc />
    public bool HasMessages => Volatile.Read(ref _count) > 0;

    /// <inheritdoc />
    public int Count => Volatile.Read(ref _count);

    /// <inheritdoc />
    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        Hold();
        if (_count == _items.Length)
            Grow();
        _items[(_first + _count) & (_items.Length - 1)] = envelope;
        Volatile.Write(ref _count, _count + 1);

        // A full fence: who queues looks next whether the reader sleeps, and a reader that falls asleep looks next whether anything is queued. One of the
        // two must see what the other did.
        Interlocked.Exchange(ref _held, 0);
    }

    /// <inheritdoc />
    public bool TryDequeue(out Envelope envelope)
    {
        if (!HasMessages)
        {
            envelope = default;
            return false;
        }

        Hold();
        var found = _count > 0;
        envelope = default;
        if (found)
        {
            ref var place = ref _items[_first];
            envelope = place;
            place = default;
            _first = (_first + 1) & (_items.Length - 1);
            Volatile.Write(ref _count, _count - 1);
            if (_count == 0 && _items.Length > MostKept)
                (_items, _first) = ([], 0);
        }

        Volatile.Write(ref _held, 0);
        return found;
    }

    /// <inheritdoc />
    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        while (TryDequeue(out var envelope))
            deadletters.Enqueue(owner, envelope);
    }

    // Held for a few instructions, and hardly ever by two.
    private void Hold()
    {
        var patience = default(SpinWait);
        while (Interlocked.Exchange(ref _held, 1) != 0)
            patience.SpinOnce();
    }

    private void Grow()
    {
        var larger = new Envelope[Math.Max(Least, _items.Length * 2)];
        for (var i = 0; i < _count; i++)
            larger[i] = _items[(_first + i) & (_items.Length - 1)];
        (_items, _first) = (larger, 0);
    }
}
