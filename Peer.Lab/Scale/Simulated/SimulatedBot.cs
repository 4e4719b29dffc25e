using Akka.Actor;
using Peer.Actors;

namespace Peer.Lab.Scale.Simulated;

/// <summary>A player: an actor beside a real client, that says the next number when it is told to and writes down all that it hears.</summary>
internal sealed class SimulatedBot(int number, RoomLedger ledger, BotCensus census) : UntypedActor
{
    private const int Everybody = 0;

    private IActorRef _manager = ActorRefs.Nobody;
    private int _others;

    public static Props Props(int number, RoomLedger ledger, BotCensus census) =>
        Producer<SimulatedBot>.Props(() => new SimulatedBot(number, ledger, census));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Speak:
                _manager.Tell(new Send(Everybody, ledger.Say(number)));
                break;

            case PacketReceived packet:
                ledger.HeardByBot(number, packet);
                break;

            case Listening:
                _manager = Sender;
                break;

            case ConnectionSucceeded success:
                ledger.Joined(number, success.UniqueId);
                census.Joined++;
                break;

            case PeerConnected joined when joined.Peer != 1 && ++_others > ledger.OthersOf(number):
                ledger.Complain($"bot {number} heard {joined.Peer} join, and knew {ledger.OthersOf(number)} others already");
                break;

            case PeerDisconnected gone:
                ledger.Complain($"bot {number} heard that {gone.Peer} left: {gone.Info.Reason} {gone.Info.Text}");
                break;

            case PeerInterrupted:
                census.Away(number);
                break;

            case PeerResumed:
                census.Back(number);
                break;

            case PeerRestarted restarted:
                ledger.ToldUnacknowledged(number, restarted.Unacknowledged);
                census.Back(number);
                break;

            case SendFailed:
                ledger.Unsay(number);
                census.Refused++;
                break;

            case ConnectionFailed failed:
                ledger.Complain($"bot {number} was not let in: {failed.Info.Reason} {failed.Info.Text}");
                census.Lost++;
                break;

            case ServerDisconnected lost:
                ledger.Complain($"bot {number} lost its room: {lost.Info.Reason} {lost.Info.Text}");
                census.Lost++;
                break;
        }
    }

    /// <summary>The next number, please.</summary>
    internal sealed record Speak : INoSerializationVerificationNeeded
    {
        public static Speak Instance { get; } = new();
    }
}

/// <summary>How many bots are where.</summary>
internal sealed class BotCensus(int bots, Func<TimeSpan> clock)
{
    private readonly HashSet<int> _away = [];

    public int Joined { get; set; }

    /// <summary>Not let in, or told that it is over.</summary>
    public int Lost { get; set; }

    /// <summary>Messages that a client did not take.</summary>
    public long Refused { get; set; }

    public int IsAway => _away.Count;

    /// <summary>When each of those who were away came back, in this order.</summary>
    public List<TimeSpan> Returns { get; } = [];

    public bool IsComplete => Joined + Lost >= bots;

    public void Away(int bot) => _away.Add(bot);

    public void Back(int bot)
    {
        if (_away.Remove(bot))
            Returns.Add(clock());
    }
}
