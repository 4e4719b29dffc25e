using System.Diagnostics;
using Peer.Protocol;

namespace Peer.Actors.Telemetry;

/// <summary>
/// What is rare and takes time, told when it is over: an activity that was current while an actor waits would be current for every message that its thread handles
/// meanwhile. Times are those of the system's clock, virtual ones included.
/// </summary>
internal static class Activities
{
    public const string Handshake = "actorpeer.handshake";
    public const string Resume = "actorpeer.resume";
    public const string HandOver = "actorpeer.handover";
    public const string TakeOver = "actorpeer.takeover";

    private static readonly ActivitySource Source = new(PeerTelemetry.ActivitySourceName);

    /// <summary>Tells of something that has just ended.</summary>
    /// <param name="name">What.</param>
    /// <param name="book">Whose.</param>
    /// <param name="from">When it began.</param>
    /// <param name="to">When it ended.</param>
    /// <param name="failure">Why it came to nothing; none when it succeeded.</param>
    /// <param name="tag">One tag more, and its value.</param>
    public static void Tell(string name, ManagerBook book, DateTimeOffset from, DateTimeOffset to, DisconnectReason failure, (string Name, object Value) tag)
    {
        if (!Source.HasListeners())
            return;
        var kind = book.Role == "server" ? ActivityKind.Server : ActivityKind.Client;
        using var activity = Source.StartActivity(
            name, kind, default(ActivityContext), [new(Tags.Application, book.Application), new(Tags.Role, book.Role), new(tag.Name, tag.Value)], null, from);
        if (activity is null)
            return;
        if (failure != DisconnectReason.None)
            activity.SetTag(Tags.Reason, $"{failure}").SetStatus(ActivityStatusCode.Error, $"{failure}");
        activity.SetEndTime(to.UtcDateTime);
    }
}
