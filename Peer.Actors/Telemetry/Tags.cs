namespace Peer.Actors.Telemetry;

/// <summary>Names of tags. Their values come from this process alone, so that nobody else can make series.</summary>
internal static class Tags
{
    public const string Application = "actorpeer.application";
    public const string Role = "actorpeer.role";
    public const string Direction = "network.io.direction";
    public const string Reason = "reason";
    public const string Step = "step";
    public const string Wire = "wire";
    public const string Event = "event";
    public const string Peer = "actorpeer.peer";
    public const string Connections = "actorpeer.connections";
}
