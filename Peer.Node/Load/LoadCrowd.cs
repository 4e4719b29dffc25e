using Akka.Actor;

namespace Peer.Node.Load;

/// <summary>All bots of the process: begins them one after the other, and gathers their books.</summary>
internal sealed class LoadCrowd : UntypedActor
{
    private readonly TaskCompletionSource<IReadOnlyList<BotBook>> _done;
    private readonly List<BotBook> _books = [];
    private int _out;

    public LoadCrowd(IReadOnlyList<BotPlan> plans, LoadCounters counters, TaskCompletionSource<IReadOnlyList<BotBook>> done)
    {
        _done = done;
        foreach (var plan in plans)
            Context.Watch(Context.ActorOf(Props.Create(() => new Bot(plan, counters)), $"bot-{plan.Number}"));
        _out = plans.Count;
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BotBook book:
                _books.Add(book);
                break;

            case Terminated when --_out == 0:
                _done.TrySetResult(_books);
                break;

            case Bot.FallSilent or Bot.GoHome:
                foreach (var bot in Context.GetChildren())
                    bot.Tell(message);
                break;
        }
    }
}
