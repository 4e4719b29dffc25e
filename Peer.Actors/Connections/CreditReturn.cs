using Akka.Actor;
using Peer.Actors.Facade;

namespace Peer.Actors.Connections;

/// <summary>Where readers say what they have taken of one connection, so that its other end may send more; another one where the connection has begun anew.</summary>
/// <param name="member">Whose it is.</param>
/// <param name="receiveWindow">Reliable bytes that the other end may have under way; a part of it is given back at a time.</param>
/// <param name="epoch">How often the connection had begun anew; what was taken of an earlier time nobody waits for.</param>
internal sealed class CreditReturn(Member member, long receiveWindow, int epoch) : ICreditReturn
{
    private readonly long _reportEvery = Math.Min(256 << 10, receiveWindow / 8);
    private long _consumed;

    /// <inheritdoc />
    public void Consumed(int bytes)
    {
        if (bytes == 0 || Interlocked.Add(ref _consumed, bytes) < _reportEvery)
            return;
        var sum = Interlocked.Exchange(ref _consumed, 0);
        if (sum > 0)
            member.Connection.Tell(new CreditConsumed(sum, epoch), ActorRefs.NoSender);
    }
}
