using Peer.Actors.Transport;
using Peer.Protocol.Admission;
using Peer.Protocol.Crypto;

namespace Peer.Actors.Connections;

/// <summary>A client that sends more than it may is heard up to there.</summary>
internal sealed partial class Connection
{
    private IngressRate? _ingressRate;

    private void LimitIngress()
    {
        var server = _runtime.Settings.Server;
        if (server.IngressDatagramsPerSecond > 0 || server.IngressBytesPerSecond > 0)
            _ingressRate = new IngressRate(server.IngressDatagramsPerSecond, server.IngressBytesPerSecond);
    }

    /// <summary>Before anything is opened: what is dropped here looks lost to its sender, who slows down or sends it again.</summary>
    private bool IsOverIngressRate(Inbound inbound)
    {
        if (_ingressRate is null)
            return false;
        var count = 0;
        ReadOnlySpan<byte> rest = inbound.Datagrams.Span;
        while (SealedHeader.TryRead(rest, out _, out _, out var length))
        {
            count++;
            rest = rest[length..];
        }

        if (_ingressRate.TryTake(count, inbound.Datagrams.Length, Now))
            return false;
        _member.Book?.Counters.DatagramsOverIngressRate.Add(count);
        return true;
    }
}
