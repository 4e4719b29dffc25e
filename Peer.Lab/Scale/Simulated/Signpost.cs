using Peer.Actors;

namespace Peer.Lab.Scale.Simulated;

/// <summary>The admission of a door, or of a room that is asked for another one: shows the way by what the cluster knows, as <c>Door</c> and <c>RoomAdmission</c> do.</summary>
/// <param name="cluster">Who knows.</param>
/// <param name="node">The node that is asked.</param>
/// <param name="key">The room's own key; empty for a door.</param>
internal sealed class Signpost(SimulatedCluster cluster, SimulatedNode node, string key) : IAdmission
{
    public ValueTask<AdmissionVerdict> DecideAsync(AdmissionRequest request, CancellationToken cancellation) => ValueTask.FromResult(Decide(request)!);

    /// <summary>Null is no answer: whoever gets none asks again, as at a region whose room is between two nodes.</summary>
    private AdmissionVerdict? Decide(AdmissionRequest request)
    {
        if (key.Length > 0 && !request.IsReturn && (request.Room.Length == 0 || request.Room == key))
            return AdmissionVerdict.Admit;
        if (key.Length == 0 && node.IsDraining && cluster.Doors.Count > 0)
            return AdmissionVerdict.PointTo(cluster.Doors[0]);
        return cluster.Find(request.Room) is { } endpoint ? AdmissionVerdict.PointTo(endpoint) : null;
    }
}
