using System.Net;

namespace Peer.Actors;

/// <summary>Bans an address or a network: whoever is connected from there is disconnected, and nobody gets in from there.</summary>
/// <param name="Network">The address, as a network of 32 or 128 bits, or a network around it.</param>
/// <param name="For">How long; null for as long as this server lives.</param>
public sealed record Ban(IPNetwork Network, TimeSpan? For = null) : IPeerCommand;

/// <summary>Bans a client by the id that its connect tokens carry.</summary>
/// <param name="ClientId">The id.</param>
/// <param name="For">How long; null for as long as this server lives.</param>
public sealed record BanClient(ulong ClientId, TimeSpan? For = null) : IPeerCommand;

/// <summary>Disconnects a peer and bans the address that it came from and, if it came with a token, its client id.</summary>
/// <param name="Peer">The peer's ID.</param>
/// <param name="For">How long; null for as long as this server lives.</param>
public sealed record BanPeer(int Peer, TimeSpan? For = null) : IPeerCommand;

/// <summary>Lifts the ban of exactly this network.</summary>
/// <param name="Network">The network, as it was banned.</param>
public sealed record Unban(IPNetwork Network) : IPeerCommand;

/// <summary>Lifts the ban of a client.</summary>
/// <param name="ClientId">The id.</param>
public sealed record UnbanClient(ulong ClientId) : IPeerCommand;
