using Peer.Protocol;

namespace Peer.Actors.Telemetry;

/// <summary>All that is measured by reading counters that are there anyway: nothing is added to the way of a message. docs/telemetry.md lists it too, and a test compares.</summary>
internal static class Catalogue
{
    private const string In = "receive";
    private const string Out = "transmit";

    public static readonly Quantity Connections = new("actorpeer.connections", "{connection}", "Connections that are open now.")
    {
        Tag = Tags.Wire,
        Series = [new("native", book => book.Counters.Peers - book.Counters.Guests), new("enet", book => book.Counters.Guests)],
    };

    public static readonly Series Away = new("", book => book.Counters.Away);
    public static readonly Series Queued = new("", book => book.QueuedBytes);
    public static readonly Series Opened = new("opened", book => book.Counters.Opened);
    public static readonly Series Interruptions = new("", book => book.Counters.Interruptions);
    public static readonly Series Resumptions = new("", book => book.Counters.Resumptions);
    public static readonly Series MessagesIn = new(In, book => book.Counters.MessagesIn);
    public static readonly Series MessagesOut = new(Out, book => book.Counters.MessagesOut);
    public static readonly Series DatagramsIn = new(In, book => book.Transport.DatagramsIn.Value);
    public static readonly Series DatagramsOut = new(Out, book => book.Transport.DatagramsOut.Value);
    public static readonly Series BytesIn = new(In, book => book.Transport.BytesIn.Value);
    public static readonly Series BytesOut = new(Out, book => book.Transport.BytesOut.Value);
    public static readonly Series Lost = new("", book => book.DatagramsLost.Value);

    public static readonly Quantity Refusals = new("actorpeer.refusals", "{refusal}", "Attempts refused, by reason.")
    {
        Tag = Tags.Reason,
        IsSparse = true,
        Series = ByReason((book, reason) => book.Counters.RefusedFor(reason)),
    };

    /// <summary>What is now.</summary>
    public static readonly IReadOnlyList<Quantity> Levels =
    [
        new("actorpeer.peers", "{peer}", "Servers, clients and mesh peers that run now.") { Series = [new("", _ => 1)] },
        Connections,
        new("actorpeer.connections.away", "{connection}", "Connections that are interrupted now and may come back.") { Series = [Away] },
        new("actorpeer.handshakes.pending", "{handshake}", "Attempts under way now: with the admission hook, or welcomed and not confirmed.") { Series = [new("", book => book.Counters.HalfOpen)] },
        new("actorpeer.queue", "By", "Bytes handed to connections that wait to be sent or acknowledged.") { Series = [Queued] },
    ];

    /// <summary>What has been counted since the process started.</summary>
    public static readonly IReadOnlyList<Quantity> Totals = Placed(
    [
        new("actorpeer.handshakes", "{handshake}", "What happened to attempts to connect, step by step.")
        {
            Tag = Tags.Step,
            Series =
            [
                new("hello", book => book.Counters.Hellos),
                new("hello_over_prefix_rate", book => book.Counters.HellosOverPrefixRate),
                new("hello_malformed", book => book.Counters.HellosMalformed),
                new("challenge", book => book.Counters.Challenges),
                new("challenge_over_budget", book => book.Counters.ChallengesOverBudget),
                new("cookie_forged", book => book.Counters.CookiesForged),
                new("cookie_expired", book => book.Counters.CookiesExpired),
                new("over_budget", book => book.Counters.HandshakesOverBudget),
                new("over_prefix_rate", book => book.Counters.HandshakesOverPrefixRate),
                new("admission_overdue", book => book.Counters.AdmissionsOverdue),
                new("admission_failed", book => book.Counters.AdmissionsFailed),
                new("welcome", book => book.Counters.Welcomes),
                new("unconfirmed", book => book.Counters.Unconfirmed),
                Opened,
            ],
        },
        Refusals,
        new("actorpeer.disconnects", "{connection}", "Open connections that ended, by reason.")
        {
            Tag = Tags.Reason,
            IsSparse = true,
            Series = ByReason((book, reason) => book.Counters.EndedFor(reason)),
        },
        new("actorpeer.interruptions", "{interruption}", "Connections that fell silent and were kept for the grace time.") { Series = [Interruptions] },
        new("actorpeer.resumptions", "{resumption}", "Connections that went on under new keys, or had only been late.") { Series = [Resumptions] },
        new("actorpeer.handovers", "{connection}", "Connections handed over to another server, taken over from one, or taken in by ticket after one failed.")
        {
            Tag = Tags.Event,
            Series = [new("handed", book => book.Counters.HandedOver), new("taken", book => book.Counters.TakenOver), new("adopted", book => book.Counters.Adoptions)],
        },
        new("actorpeer.messages", "{message}", "Messages received, and handed to connections, each as often as it has receivers.") { Tag = Tags.Direction, Series = [MessagesIn, MessagesOut] },
        new("actorpeer.messages.relayed", "{message}", "Messages handed on from client to client, each as often as it has receivers.") { Series = [new("", book => book.Counters.MessagesRelayed)] },
        new("actorpeer.messages.dropped", "{message}", "Messages that were not handed on.")
        {
            Tag = Tags.Reason,
            Series =
            [
                new("queue_full", book => book.Counters.DroppedUnreliable),
                new("away", book => book.Counters.DroppedAway),
                new("relay_off", book => book.Counters.RelayRefused + (book.ENet?.NotRelayed.Value ?? 0)),
                new("unknown_target", book => book.Counters.UnknownTarget),
                new("forged_sender", book => book.ENet?.Forged.Value ?? 0),
            ],
        },
        new("actorpeer.datagrams", "{datagram}", "Datagrams received and sent by sockets.") { Tag = Tags.Direction, Series = [DatagramsIn, DatagramsOut] },
        new("actorpeer.io", "By", "Bytes received and sent by sockets.") { Tag = Tags.Direction, Series = [BytesIn, BytesOut] },
        new("actorpeer.io.calls", "{call}", "Receives and sends asked of the system; each may carry many datagrams.")
        {
            Tag = Tags.Direction,
            Series = [new(In, book => book.Transport.ReceiveCalls.Value), new(Out, book => book.Transport.SendCalls.Value)],
        },
        new("actorpeer.datagrams.lost", "{datagram}", "Sent datagrams that were reported as lost (ENet: commands).") { Series = [Lost] },
        new("actorpeer.datagrams.dropped", "{datagram}", "Datagrams that went no further, in or out.")
        {
            Tag = Tags.Reason,
            Series =
            [
                new("malformed", book => book.Transport.DroppedMalformed.Value),
                new("for_nobody", book => book.Transport.DroppedUnknownConnection.Value),
                new("ingress_limit", book => book.Transport.DroppedIngress.Value),
                new("ingress_rate", book => book.Counters.DatagramsOverIngressRate.Value),
                new("send_would_block", book => book.Transport.DroppedSendWouldBlock.Value),
                new("send_closed", book => book.Transport.DroppedSendClosed.Value),
                new("send_failed", book => book.Transport.SendErrors.Value),
            ],
        },
        new("actorpeer.transport.events", "{event}", "What befell sockets.")
        {
            Tag = Tags.Event,
            Series =
            [
                new("rebind", book => book.Transport.Rebinds.Value),
                new("receive_failed", book => book.Transport.ReceiveErrors.Value),
                new("offload_fallback", book => book.Transport.OffloadFallbacks.Value),
            ],
        },
        new("actorpeer.warnings.left_out", "{warning}", "Warnings left out of the log because there were too many.") { Series = [new("", book => book.Counters.WarningsLeftOut)] },
    ]);

    /// <summary>How many numbers are kept of managers that have ended.</summary>
    public static int TotalSeries => Totals.Sum(quantity => quantity.Series.Count);

    private static Series[] ByReason(Func<ManagerBook, DisconnectReason, long> read) =>
        [.. Enum.GetValues<DisconnectReason>().Where(reason => reason != DisconnectReason.None).Select(reason => new Series(NameOf(reason), book => read(book, reason)))];

    // As the enum says it, in the spelling of the other tags.
    private static string NameOf(DisconnectReason reason) =>
        string.Concat($"{reason}".Select((letter, at) => char.IsUpper(letter) && at > 0 ? $"_{char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));

    private static Quantity[] Placed(Quantity[] totals)
    {
        var place = 0;
        foreach (var series in totals.SelectMany(quantity => quantity.Series))
            series.Place = place++;
        return totals;
    }
}
