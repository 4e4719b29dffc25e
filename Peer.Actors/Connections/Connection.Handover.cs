using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;
using Peer.Protocol;
using Peer.Protocol.Delivery;
using Peer.Protocol.Handover;
using Peer.Protocol.Links;
using Peer.Protocol.Wire;

namespace Peer.Actors.Connections;

/// <summary>A connection that leaves one server and goes on in another one: frozen and written down here, waiting for its client there, told to move at its other end.</summary>
internal sealed partial class Connection
{
    private readonly List<HandedSequence> _exported = [];
    private int _exportsDue = -1;
    private int _barriersDue;
    private bool _isFrozen;

    /// <summary>What the server said of where it has gone.</summary>
    private Migration? _migration;

    /// <summary>A connection that another server has handed over; its client has yet to come.</summary>
    public Connection(Member member, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, ByteBudget partials, HandedConnection handed)
        : this(member, transport, sender, Destination.Of(new IPEndPoint(IPAddress.Loopback, IPEndPoint.MinPort)), runtime, partials)
    {
        LimitIngress();
        var carry = new LinkCarry(runtime.Settings.Link, ((ILinkListener)this).FrameDone)
        {
            SendCredit = handed.SendCredit,
            CreditUsed = handed.CreditUsed,
            GrantedCredit = handed.GrantedCredit,
        };
        _link = PeerLink.Lost(runtime.Settings.Link, carry, this, Now);

        // Its client may have to notice by itself.
        _graceDeadline = Now + runtime.Settings.Link.IdleTimeout + Clock.Micros(runtime.Settings.Resume.Grace);
        foreach (var sequence in handed.Sequences)
            Restore(sequence);
        _timer.Arm(_graceDeadline);
        Become(Interrupted);
    }

    /// <summary>A connection that another server has handed over.</summary>
    public static Props Restored(Member member, IActorRef transport, IDatagramSender sender, PeerRuntime runtime, ByteBudget partials, HandedConnection handed) =>
        runtime.Place(Producer<Connection>.Props(() => new Connection(member, transport, sender, runtime, partials, handed)));

    /// <summary>Nothing comes in or goes out any more; what others still have for this client is taken down.</summary>
    private void Frozen(object message)
    {
        switch (message)
        {
            case BarrierPassed:
                if (--_barriersDue == 0)
                    _manager.Tell(new ConnectionFrozen(_member));
                break;

            case Forward forward:
                Submit(forward);
                break;

            case RelayedPeerLeft left:
                MarkAsLeft(left);
                break;

            case CreditConsumed consumed when _exportsDue < 0:
                Take(consumed);
                break;

            case ExportConnection:
                _exportsDue = _sequencers.Count;
                foreach (var sequencer in _sequencers.Values)
                    sequencer.Tell(ExportSequence.Instance);
                if (_exportsDue == 0)
                    TellExport();
                break;

            case SequenceExported exported:
                _exported.Add(exported.Sequence);
                if (--_exportsDue == 0)
                    TellExport();
                break;

            case MigrateConnection migrate:
                _isFrozen = false;
                if (_link!.State == LinkState.Open)
                    _link.Migrate(migrate.Migration, Now);
                else
                    _lost = DisconnectInfo.Of(DisconnectReason.ShuttingDown);
                _graceDeadline = long.MaxValue;
                Become(Leaving);
                Work(Now);
                break;

            case EndConnection end:
                _isFrozen = false;
                _graceDeadline = long.MaxValue;
                _lost = _link!.State == LinkState.Open ? null : end.Info;
                CloseLink(end.Info);
                break;

            case FramesReady or Flushed or CreditConsumed or TimerElapsed or SequenceViolated or HelloRepeated or ResumeAsked:
                break;

            default:
                Always(message);
                break;
        }
    }

    private void BeginFreezing()
    {
        if (_ending is { } ending)
        {
            // Whoever is being put out is not handed over.
            _manager.Tell(new ConnectionFrozen(_member));
            CloseLink(ending);
            return;
        }

        Become(Frozen);
        _isFrozen = true;
        DropAttempts();
        _barriersDue = _sequencers.Count;
        foreach (var sequencer in _sequencers.Values)
            sequencer.Tell(PassBarrier.Instance);
        if (_barriersDue == 0)
            _manager.Tell(new ConnectionFrozen(_member));
    }

    /// <summary>What the application has taken, or will, counts as taken: only what waits for its turn goes along and is charged there.</summary>
    private void TellExport()
    {
        var (sendCredit, used, granted) = _link!.CreditBooks;
        var held = _exported.Where(sequence => !sequence.Key.IsControl).Sum(sequence => sequence.Inbound.Bytes);
        _manager.Tell(new ConnectionExported(_member, sendCredit, used, granted + _reliable.Used - held, [.. _exported]));
    }

    private void Restore(HandedSequence sequence)
    {
        var reliable = sequence.Key.IsControl ? new ByteBudget(ControlWindow) : _reliable;
        var line = new SequencerLine(_runtime.IsSingleThreaded);
        line.Actor = Context.ActorOf(
            Sequencer.Restored(sequence, _member, _manager, _runtime, new InboundBudgets(_partials, reliable, _early), line), NameOf(sequence.Key));
        Context.Watch(line.Actor);
        _sequencers.Add(sequence.Key, line);
    }

    void ILinkListener.MigrateHeard(Migration migration) => _migration = migration;

    /// <summary>The server has gone elsewhere with everything; it is no interruption for anybody to hear of.</summary>
    private bool TryMigrate(long now)
    {
        if (_migration is not { } migration || _ending is not null || _closedTold || _stopping || _dial is null
            || !IPEndPoint.TryParse(migration.Endpoint, out var endpoint) || endpoint.Port == 0)
            return false;
        _migration = null;
        _ticket = migration.Ticket;
        _graceDeadline = now + Math.Max(1, migration.Ticket.GraceMs * 1000L);
        _candidate = null;
        Become(Interrupted);
        _manager.Tell(new ConnectionInterrupted(_member) { IsMove = true });
        _destination = Destination.Of(endpoint);
        BeginRedial();
        Wait();
        return true;
    }
}
