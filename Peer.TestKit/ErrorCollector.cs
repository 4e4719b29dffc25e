using Akka.Actor;

namespace Peer.TestKit;

/// <summary>Keeps what actors log as errors: under supervision an exception would otherwise be seen by nobody.</summary>
internal sealed class ErrorCollector(List<Akka.Event.Error> errors) : UntypedActor
{
    protected override void OnReceive(object message)
    {
        if (message is Akka.Event.Error error)
            errors.Add(error);
    }
}
