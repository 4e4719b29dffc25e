using System.Net;
using Akka.Actor;
using Peer.Actors;
using Peer.Actors.Transport;

namespace Peer.Tests.Cluster;

/// <summary>A process that is killed says no good-bye, but an actor system in this process does: so its sockets can be muffled before it ends.</summary>
internal sealed class Muffler
{
    private volatile bool _isClosed;

    public bool IsClosed => _isClosed;

    public void Close() => _isClosed = true;

    public Props Wrap(Props transport) => Producer<MuffledTransport>.Props(() => new MuffledTransport(this, transport));

    private sealed class MuffledTransport(Muffler muffler, Props transport) : UntypedActor
    {
        private readonly IActorRef _owner = Context.Parent;
        private IActorRef _transport = ActorRefs.Nobody;

        protected override void PreStart()
        {
            _transport = Context.ActorOf(transport);
            Context.Watch(_transport);
        }

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Terminated:
                    Context.Stop(Self);
                    break;

                case TransportUp up:
                    _owner.Tell(up with { Sender = new MuffledSender(muffler, up.Sender) });
                    break;

                case TransportBindFailed or TransportDown or TransportClosed or Stranger:
                    _owner.Tell(message);
                    break;

                default:
                    _transport.Forward(message);
                    break;
            }
        }
    }

    private sealed class MuffledSender(Muffler muffler, IDatagramSender sender) : IDatagramSender
    {
        public void Send(ReadOnlySpan<byte> datagrams, int segmentSize, Destination to)
        {
            if (!muffler.IsClosed)
                sender.Send(datagrams, segmentSize, to);
        }
    }
}
