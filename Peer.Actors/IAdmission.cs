using System.Net;
using Peer.Protocol;

namespace Peer.Actors;

/// <summary>
/// The game's own word on who may join. A server asks it about each newcomer that its other rules let in, before the newcomer is told that it is welcome.
/// </summary>
/// <remarks>
/// It runs on threads of its own (<c>actorpeer.server.admission-dispatcher</c>), several questions at a time, so it must be safe for that. Whoever is slow is
/// overdue after <c>admission-timeout</c>, and whoever throws has refused; neither delays anybody but that newcomer. The newcomer's address is proven, and its
/// token genuine, but somebody who overheard the token may show it too: only the holder of its secret becomes a peer. So decide, and do not count arrivals here.
/// </remarks>
public interface IAdmission
{
    /// <summary>Decides about one newcomer.</summary>
    /// <param name="request">Who it is.</param>
    /// <param name="cancellation">Cancelled when the answer would come too late.</param>
    ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation);
}

/// <summary>A newcomer, as far as it is known.</summary>
/// <param name="From">Its address, proven by a cookie.</param>
/// <param name="ClientId">The client id of its connect token; null when it came without one.</param>
/// <param name="UserData">What the backend put into its token, unseen by the client; empty without one.</param>
/// <param name="ApplicationData">What the client itself says; up to 256 bytes that prove nothing and that anybody on the way can read.</param>
public sealed record AdmissionRequest(IPEndPoint From, ulong? ClientId, ReadOnlyMemory<byte> UserData, ReadOnlyMemory<byte> ApplicationData)
{
    /// <summary>The room that it wants; empty when it names none.</summary>
    public string Room { get; init; } = "";

    /// <summary>
    /// Whether it shows the ticket of another server's room and is not a newcomer there: it can be shown the way (<see cref="AdmissionVerdict.PointTo"/>) or be
    /// refused for good, but not be admitted here. Whoever is not shown the way is not answered, and asks again.
    /// </summary>
    public bool IsReturn { get; init; }
}

/// <summary>What an <see cref="IAdmission"/> decides.</summary>
public sealed record AdmissionVerdict
{
    private AdmissionVerdict(DisconnectReason reason, string text, string endpoint = "")
    {
        Reason = reason;
        Text = text;
        Endpoint = endpoint;
    }

    /// <summary>Let it in.</summary>
    public static AdmissionVerdict Admit { get; } = new(DisconnectReason.None, "");

    /// <summary>What the newcomer is told; <see cref="DisconnectReason.None"/> lets it in.</summary>
    public DisconnectReason Reason { get; }

    /// <summary>Text for people, at most 200 bytes of UTF-8 are sent.</summary>
    public string Text { get; }

    /// <summary>Where the newcomer is sent instead; empty when it is not.</summary>
    public string Endpoint { get; }

    /// <summary>Send it to another server, with its connect token, its ticket and what it says.</summary>
    /// <param name="endpoint">The other server as clients reach it, <c>address:port</c>.</param>
    public static AdmissionVerdict PointTo(string endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return IPEndPoint.TryParse(endpoint, out var parsed) && parsed.Port != 0
            ? new AdmissionVerdict(DisconnectReason.None, "", endpoint)
            : throw new ArgumentException($"'{endpoint}' is no address:port", nameof(endpoint));
    }

    /// <summary>Keep it out.</summary>
    /// <param name="text">Text for people; the newcomer sees it.</param>
    /// <param name="reason">What its program is told.</param>
    public static AdmissionVerdict Refuse(string text, DisconnectReason reason = DisconnectReason.Refusing)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfEqual(reason, DisconnectReason.None);
        return new AdmissionVerdict(reason, text);
    }
}
