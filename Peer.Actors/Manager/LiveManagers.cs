using System.Collections.Concurrent;
using Akka;
using Akka.Actor;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>The managers of a system: its coordinated shutdown lets them say good-bye while their sockets still live, for actors that are merely stopped die in any order.</summary>
internal sealed class LiveManagers
{
    private readonly ConcurrentDictionary<IActorRef, TaskCompletionSource> _managers = new();

    public ICollection<IActorRef> All => _managers.Keys;

    public void Add(IActorRef manager) => _managers.TryAdd(manager, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public void Remove(IActorRef manager)
    {
        if (_managers.TryRemove(manager, out var gone))
            gone.SetResult();
    }

    /// <summary>Lets all of them leave; done when the last has stopped. The phase of the shutdown bounds it.</summary>
    public async Task<Done> LeaveAll()
    {
        var leaving = _managers.ToArray();
        foreach (var (manager, _) in leaving)
            manager.Tell(new Leave(DisconnectInfo.Of(DisconnectReason.ShuttingDown)), ActorRefs.NoSender);
        await Task.WhenAll(leaving.Select(pair => pair.Value.Task)).ConfigureAwait(false);
        return Done.Instance;
    }
}
