using Peer.Actors;

namespace Peer.TestKit;

/// <summary>Something that a user of a peer was told.</summary>
/// <param name="At">When, microseconds.</param>
/// <param name="Host">On which host.</param>
/// <param name="Facade">The peer's number: facades and managers are counted from 1 in the order in which they were made.</param>
/// <param name="Event">What: a signal, or a <see cref="PacketReceived"/>.</param>
public readonly record struct Sighting(long At, SimulatedHost Host, int Facade, IPeerEvent Event);
