using System.Net;
using Akka.Actor;
using Akka.Event;
using Peer.Actors.Connections;
using Peer.Protocol;
using Peer.Protocol.Admission;

namespace Peer.Actors;

/// <summary>What an operator may ask of a running server: bans and counters; and how much of what strangers cause gets into the log.</summary>
internal sealed partial class ManagerActor
{
    private const int WarningsPerSecond = 2;
    private const int WarningsAtOnce = 20;

    private readonly ManagerCounters _counters = new();
    private readonly RateBudget _warnings = new(WarningsPerSecond, WarningsAtOnce);
    private long _warningsLeftOut;

    private bool Administer(object message)
    {
        switch (message)
        {
            case GetCounters:
                Sender.Tell(WithENet(_counters.Snapshot(
                    _peers.Values.Count(member => member.IsOpen),
                    _unopened.Count + _applicants.Count,
                    _partials.Used,
                    _limits.Banned.Count,
                    _transportCounters)));
                return true;

            case Ban ban:
                BanNetwork(ban);
                return true;

            case BanClient ban:
                BanToken(ban);
                return true;

            case BanPeer ban:
                BanMember(ban);
                return true;

            case Unban unban:
                _limits.Banned.Unban(AdmissionLimits.PrefixOf(unban.Network));
                return true;

            case UnbanClient unban:
                _limits.Banned.Unban(unban.ClientId);
                return true;

            case AdmissionDecided decided:
                Decided(decided);
                return true;

            case AnswerOverdue:
                AnswersOverdue();
                return true;

            default:
                return false;
        }
    }

    private void BanNetwork(Ban ban)
    {
        var network = AdmissionLimits.PrefixOf(ban.Network);
        if (!_limits.Banned.TryBan(network, Until(ban.For), _runtime.Clock.Now))
            Warn("{0} was not banned: the list of bans is full", ban.Network);
        PutOut(newcomer => network.Contains(AdmissionLimits.PrefixOf(newcomer.From.Address)));
        PutOutGuests(network);
    }

    private void BanToken(BanClient ban)
    {
        if (!_limits.Banned.TryBan(ban.ClientId, Until(ban.For), _runtime.Clock.Now))
            Warn("Client {0} was not banned: the list of bans is full", ban.ClientId);
        PutOut(newcomer => newcomer.Token?.ClientId == ban.ClientId);
    }

    private void BanMember(BanPeer ban)
    {
        if (!_peers.TryGetValue(ban.Peer, out var member))
            return;
        if (member.Guest is { } guest)
            BanNetwork(new Ban(new IPNetwork(guest.From.Address, guest.From.Address.GetAddressBytes().Length * 8), ban.For));
        if (member.Newcomer is not { } newcomer)
            return;
        if (newcomer.Token is { } token)
            BanToken(new BanClient(token.ClientId, ban.For));
        var address = newcomer.From.Address;
        BanNetwork(new Ban(new IPNetwork(address, address.GetAddressBytes().Length * 8), ban.For));
    }

    private void PutOut(Func<Newcomer, bool> isBanned)
    {
        foreach (var member in _members.Values)
        {
            if (member.Newcomer is { } newcomer && isBanned(newcomer))
                member.Connection.Tell(new EndConnection(DisconnectInfo.Of(DisconnectReason.Banned), Graceful: false));
        }
    }

    private long Until(TimeSpan? span) => span is { } given ? _runtime.Clock.Now + Clock.Micros(given) : long.MaxValue;

    /// <summary>Warns of what others cause, but not as often as they would like.</summary>
    private void Warn(string template, params object[] arguments)
    {
        if (!_warnings.TryTake(1, _runtime.Clock.Now))
        {
            _warningsLeftOut++;
            _counters.WarningsLeftOut++;
            return;
        }

        if (_warningsLeftOut > 0)
            _log.Warning("{0} warnings were left out", _warningsLeftOut);
        _warningsLeftOut = 0;
        _log.Warning(template, arguments);
    }

    private sealed record AnswerOverdue : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static AnswerOverdue Instance { get; } = new();
    }
}
