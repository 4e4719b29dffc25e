using System.Net;
using System.Net.Sockets;
using Peer.Actors.Settings;
using Peer.Protocol;
using Peer.Protocol.Admission;

namespace Peer.Actors;

/// <summary>All limits on newcomers of one server, with their state.</summary>
internal sealed class AdmissionLimits
{
    /// <summary>Bans of each kind; more of them belong into a firewall.</summary>
    private const int Bans = 65_536;

    /// <summary>What a prefix may spend at once, in seconds of its rate: everybody behind a NAT comes back together when a server starts anew.</summary>
    private const int BurstSeconds = 4;

    private readonly bool _includesLoopback;
    private readonly PrefixRates _hellos;
    private readonly PrefixRates _handshakes;

    public AdmissionLimits(ServerSettings settings, IRandomSource random, long now)
    {
        _includesLoopback = settings.LimitLoopback;
        _hellos = new PrefixRates(settings.HellosPerPrefix, settings.HellosPerPrefix * BurstSeconds, random);
        _handshakes = new PrefixRates(settings.HandshakesPerPrefix, settings.HandshakesPerPrefix * BurstSeconds, random);
        Challenges = new RateBudget(settings.ChallengesPerSecond, settings.ChallengesPerSecond);
        Handshakes = new RateBudget(settings.HandshakesPerSecond, settings.HandshakesPerSecond);
        foreach (var network in settings.Banned)
            Banned.TryBan(PrefixOf(network), long.MaxValue, now);
    }

    /// <summary>Cookies for strangers, all sources together.</summary>
    public RateBudget Challenges { get; }

    /// <summary>Attempts with a proven address, all sources together.</summary>
    public RateBudget Handshakes { get; }

    /// <summary>Who is not let in at all.</summary>
    public BanList Banned { get; } = new(Bans);

    /// <summary>Peers and attempts at each prefix.</summary>
    public PrefixCensus Peers { get; } = new();

    /// <summary>Attempts that have not been confirmed, at each prefix.</summary>
    public PrefixCensus HalfOpen { get; } = new();

    /// <summary>The source that an address counts for; null when limits by source do not hold for it.</summary>
    public AddressPrefix? SourceOf(IPAddress address, ReadOnlySpan<byte> bytes) =>
        !_includesLoopback && IPAddress.IsLoopback(address) ? null : AddressPrefix.SourceOf(bytes);

    public bool TakeHello(AddressPrefix? source, long now) => source is not { } prefix || _hellos.TryTake(prefix, now);

    public bool TakeHandshake(AddressPrefix? source, long now) => source is not { } prefix || _handshakes.TryTake(prefix, now);

    /// <summary>A whole address.</summary>
    public static AddressPrefix PrefixOf(IPAddress address) => PrefixOf(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);

    public static AddressPrefix PrefixOf(IPNetwork network) => PrefixOf(network.BaseAddress, network.PrefixLength);

    /// <summary>The prefix of an address; an IPv4 address that is spelled as IPv6 is IPv4.</summary>
    public static AddressPrefix PrefixOf(IPAddress address, int length)
    {
        if (address.IsIPv4MappedToIPv6 && length >= 96)
            (address, length) = (address.MapToIPv4(), length - 96);
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var written);
        return AddressPrefix.Of(bytes[..written], length);
    }
}
