namespace Peer.Actors.Facade;

/// <summary>Answers "is any target of this broadcast full?" without asking every peer for every packet.</summary>
/// <remarks>
/// A measurement over all peers remembers the two with the least room (two, because -n leaves one out). It then vouches for as many bytes as that
/// room, at most <see cref="RecheckBytes"/>, since queues also fill by what the server relays. While the fullest peer stays full, one look at it says so.
/// </remarks>
internal sealed class BroadcastBudget
{
    /// <summary>Bytes put after which the peers are measured again.</summary>
    public const int RecheckBytes = 64 * 1024;

    private int _fullestId;
    private PeerGauge? _fullest;
    private PeerGauge? _second;
    private long _room;
    private long _secondRoom;
    private long _spent;
    private bool _measured;

    /// <summary>How often all peers were asked.</summary>
    public long Measurements { get; private set; }

    /// <summary>Somebody came or went.</summary>
    public void Invalidate() => _measured = false;

    /// <summary>Counts a put, whatever its target: it may fill any queue.</summary>
    public void Spend(int bytes) => _spent += bytes;

    /// <summary>Whether everybody but the excluded one (0 for nobody) has room for that many bytes beside those that are pending.</summary>
    public bool Admits(Dictionary<int, PeerGauge?> peers, int excluded, int size, long pending)
    {
        if (_measured)
        {
            if (size <= Math.Min(RoomFor(excluded), RecheckBytes) - _spent)
                return true;
            var likeliest = excluded == _fullestId ? _second : _fullest;
            if (likeliest is not null && RoomOf(likeliest) < size + pending)
                return false;
        }

        Measure(peers, pending);
        return size <= RoomFor(excluded);
    }

    private static long RoomOf(PeerGauge gauge) => gauge.LimitBytes - gauge.QueuedBytes;

    private long RoomFor(int excluded) => excluded == _fullestId ? _secondRoom : _room;

    private void Measure(Dictionary<int, PeerGauge?> peers, long pending)
    {
        Measurements++;
        _measured = true;
        _spent = 0;
        _fullestId = 0;
        _fullest = _second = null;
        _room = _secondRoom = long.MaxValue;
        foreach (var (id, gauge) in peers)
        {
            if (gauge is null)
                continue;
            var room = RoomOf(gauge) - pending;
            if (room < _room)
            {
                (_secondRoom, _second) = (_room, _fullest);
                (_room, _fullest, _fullestId) = (room, gauge, id);
            }
            else if (room < _secondRoom)
            {
                (_secondRoom, _second) = (room, gauge);
            }
        }
    }
}
