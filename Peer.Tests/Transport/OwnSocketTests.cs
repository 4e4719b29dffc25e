using System.Net;
using Akka.Actor;
using Peer.Actors.Transport;

namespace Peer.Tests.Transport;

/// <summary>What every transport does, done on a socket of the transport's own.</summary>
public sealed class OwnSocketReceivingTests : ReceivingTests
{
    internal override Props TransportProps(ActorSystem system, TransportSettings settings, IPEndPoint bind, IngressGauge? strangers = null) =>
        OwnSocketProps(system, settings, bind, strangers);
}

/// <inheritdoc cref="OwnSocketReceivingTests" />
public sealed class OwnSocketSendingTests : SendingTests
{
    internal override Props TransportProps(ActorSystem system, TransportSettings settings, IPEndPoint bind, IngressGauge? strangers = null) =>
        OwnSocketProps(system, settings, bind, strangers);
}

/// <inheritdoc cref="OwnSocketReceivingTests" />
[Collection(PortTests.Name)]
public sealed class OwnSocketLifeTests : LifeTests
{
    internal override Props TransportProps(ActorSystem system, TransportSettings settings, IPEndPoint bind, IngressGauge? strangers = null) =>
        OwnSocketProps(system, settings, bind, strangers);

    /// <summary>Nobody takes a socket of this library's away; if somebody does, the next send shows it.</summary>
    internal override Task LoseAsync(TransportUp up)
    {
        if (up.Sender is not SocketSender sender)
            return AkkaIoLost(up);
        sender.Socket.Dispose();
        sender.Send(new byte[40], 40, Destination.Of(up.Local));
        return Task.CompletedTask;
    }

    private static Task AkkaIoLost(TransportUp up) => throw new InvalidOperationException($"not a socket of its own at {up.Local}");
}
