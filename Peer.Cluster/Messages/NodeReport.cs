namespace Peer.Cluster.Messages;

/// <summary>From host to host, now and then: how full a node is and where its door is.</summary>
/// <param name="Door">Endpoint of the door; empty while there is none.</param>
/// <param name="Rooms">Rooms that are open.</param>
/// <param name="Peers">Players in them.</param>
/// <param name="MaxRooms">Most rooms.</param>
/// <param name="IsDraining">Whether it is being emptied.</param>
internal sealed record NodeReport(string Door, int Rooms, int Peers, int MaxRooms, bool IsDraining) : INodeMessage;
