using System.Diagnostics;
using System.Security.Cryptography;
using Peer.Protocol;
using Peer.Protocol.Crypto;
using Peer.Protocol.Links;

namespace Peer.Lab.Core;

/// <summary>Both ends of the core in one thread: what a message costs without sockets, actors and threads.</summary>
internal static class CoreLoop
{
    private const long Step = 50;

    /// <summary>Sends messages in runs and says what each cost both ends together.</summary>
    /// <param name="size">Bytes of a message.</param>
    /// <param name="mode">Transfer mode.</param>
    /// <param name="seconds">How long.</param>
    /// <param name="maxDatagram">Largest datagram that is probed for.</param>
    /// <param name="pairs">Connections that take turns.</param>
    /// <param name="burst">Messages in one run.</param>
    /// <param name="echo">Whether each comes back.</param>
    public static string Run(int size, TransferMode mode, double seconds, int maxDatagram, int pairs, int burst, bool echo)
    {
        var ends = Enumerable.Range(0, pairs).Select(_ => Pair(new SequenceKey(0, mode), maxDatagram, echo)).ToArray();
        var now = 0L;
        var message = new byte[size];
        Play(1);
        var messages = ends.Sum(pair => pair.Server.Messages);
        var datagrams = ends.Sum(pair => pair.Client.Counters.DatagramsSent + pair.Server.Counters.DatagramsSent);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var ticks = Play(seconds);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        messages = ends.Sum(pair => pair.Server.Messages) - messages;
        datagrams = ends.Sum(pair => pair.Client.Counters.DatagramsSent + pair.Server.Counters.DatagramsSent) - datagrams;
        var nanoseconds = ticks * 1e9 / Stopwatch.Frequency;
        var text = FormattableString.Invariant(
            $"{size} B {mode} x {burst}, {pairs} pairs, datagrams of {ends[0].Client.DatagramSize}: {messages} messages, {nanoseconds / messages:n1} ns and {allocated / (double)messages:n2} B each; {nanoseconds / datagrams:n0} ns a datagram of {messages / (double)datagrams:n1} messages");
        foreach (var (client, server) in ends)
        {
            client.Dispose();
            server.Dispose();
        }

        return text;

        long Play(double wanted)
        {
            var start = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(start).TotalSeconds < wanted)
            {
                foreach (var (client, server) in ends)
                {
                    for (var i = 0; i < burst && client.QueuedBytes < 4 << 20; i++)
                        client.Put(message);
                    client.Submit(now);
                    server.Answer(now);
                    client.Answer(now);
                    client.Wake(now);
                    server.Wake(now);
                }

                now += Step;
            }

            return Stopwatch.GetTimestamp() - start;
        }
    }

    private static (CoreEnd Client, CoreEnd Server) Pair(SequenceKey key, int maxDatagram, bool echo)
    {
        var settings = new LinkSettings();
        settings = settings with { Recovery = settings.Recovery with { MaxDatagramSize = maxDatagram } };
        using var keys = new SessionKeys(RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(12), RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(12));
        var client = new CoreEnd(key, settings, keys, isServer: false, 0);
        var server = new CoreEnd(key, settings, keys, isServer: true, 0) { Echoes = echo };
        client.Other = server;
        server.Other = client;
        client.Ping();
        return (client, server);
    }
}
