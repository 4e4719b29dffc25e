using Peer.Protocol.Crypto;
using Peer.Protocol.Delivery;
using Peer.Protocol.Wire;

namespace Peer.Protocol.Links;

/// <summary>
/// A link that follows another one of the same connection, under keys of its own: both ends first tell how far each reliable sequence has come, and
/// no data moves before, so that what arrived and was not acknowledged in time is not sent again.
/// </summary>
internal sealed partial class PeerLink
{
    private readonly bool _isResumed;
    private bool _awaitsPositions;
    private PositionsReader? _heard;
    private byte[][]? _positions;
    private Queue<int>? _positionsOwed;
    private Dictionary<long, int>? _positionsSent;

    /// <summary>A link that goes on where another one of the connection has ended.</summary>
    /// <param name="settings">Settings.</param>
    /// <param name="keys">Keys of the new handshake.</param>
    /// <param name="isServer">Which of the two directions is ours.</param>
    /// <param name="remoteId">The connection id that the other end picked for it.</param>
    /// <param name="carry">What the last link has left.</param>
    /// <param name="listener">The owner.</param>
    /// <param name="now">Time of birth.</param>
    public PeerLink(LinkSettings settings, SessionKeys keys, bool isServer, ulong remoteId, LinkCarry carry, ILinkListener listener, long now)
        : this(settings, keys, isServer, remoteId, carry, isResumed: true, listener, now)
    {
    }

    /// <summary>Whether the end came by silence, so that the connection may go on in another link.</summary>
    public bool HasTimedOut { get; private set; }

    /// <summary>Whether a datagram of the other end, should one come after all, would bring the link back.</summary>
    public bool Listens { get; set; }

    private bool HasData => !_awaitsPositions && _lanes.HasSendable(CreditLeft);

    /// <summary>A link that was lost before it began: it holds what waits for the one that will follow it, and does nothing.</summary>
    public static PeerLink Lost(LinkSettings settings, LinkCarry carry, ILinkListener listener, long now)
    {
        using var none = new SessionKeys(new byte[32], new byte[12], new byte[32], new byte[12]);
        return new PeerLink(settings, none, isServer: true, 0, carry, listener, now)
        {
            State = LinkState.Closed,
            HasTimedOut = true,
            End = DisconnectInfo.Of(DisconnectReason.Timeout, "the connection was not resumed"),
        };
    }

    /// <summary>What <see cref="Detach"/> would hand over, for the books only: the link stays as it is.</summary>
    public (long SendCredit, long CreditUsed, long GrantedCredit) CreditBooks => (_sendCredit, _creditUsed, _grantedCredit);

    /// <summary>Ends this link without a word and hands over what the next one needs. Unreliable frames are given up: they are late by now.</summary>
    public LinkCarry Detach()
    {
        State = LinkState.Closed;
        Listens = false;
        for (var number = _recovery.OldestInFlight?.Number ?? _nextNumber; number < _nextNumber; number++)
        {
            if (_recovery.InFlight(number) is not { } packet)
                continue;
            foreach (var frame in packet.Frames)
            {
                if (--frame.CopiesInFlight == 0 && !frame.IsDone && !frame.WaitsAgain)
                {
                    frame.WaitsAgain = true;
                    _lanes.EnqueueLost(frame);
                }

                frame.Unhold();
            }

            packet.Frames.Clear();
        }

        while (_secondCopies.TryDequeue(out var copy))
            copy.Frame.Unhold();
        _lanes.GiveUpUnreliable();
        _carry.SendCredit = _sendCredit;
        _carry.CreditUsed = _creditUsed;
        _carry.GrantedCredit = _grantedCredit;
        _carry.Counters = _counters;
        return _carry;
    }

    /// <summary>The other end was only late: silence was no end.</summary>
    private void Revive()
    {
        Listens = false;
        HasTimedOut = false;
        State = LinkState.Open;
        End = DisconnectInfo.None;
    }

    /// <summary>Tells the other end how far this end's reliable sequences are; once, on a link that follows another.</summary>
    public void TellPositions(IReadOnlyList<ReliablePosition> positions)
    {
        if (!_isResumed || _positions is not null)
            return;
        _positions = PositionsFrame.Write(positions);
        _positionsOwed = new Queue<int>(Enumerable.Range(0, _positions.Length));
        _positionsSent = [];
    }

    /// <returns>Bytes consumed behind the type byte, -1 when the frame is not legal.</returns>
    private int ReadPositions(ReadOnlySpan<byte> content)
    {
        if (!_isResumed || !PositionsFrame.TryRead(content, out var part, out var length))
            return -1;
        if (!_awaitsPositions)
            return length;
        _heard ??= new PositionsReader(part.Count);
        if (!_heard.TryAdd(part))
            return -1;
        if (!_heard.IsComplete)
            return length;
        _awaitsPositions = false;
        foreach (var (key, expected) in _heard.Positions)
            _lanes.DoneBefore(key, expected);
        _listener.PositionsHeard(_heard.Positions);
        _heard = null;
        return length;
    }

    /// <summary>Writes one part of the positions, where there is room for it.</summary>
    private int WritePositions(Span<byte> content, out int part)
    {
        part = -1;
        if (_positionsOwed is not { Count: > 0 } owed || _positions![owed.Peek()].Length > content.Length)
            return 0;
        part = owed.Dequeue();
        _positions[part].CopyTo(content);
        return _positions[part].Length;
    }

    private void PositionsLost(long packet)
    {
        if (_positionsSent is not null && _positionsSent.Remove(packet, out var part))
            _positionsOwed!.Enqueue(part);
    }
}
