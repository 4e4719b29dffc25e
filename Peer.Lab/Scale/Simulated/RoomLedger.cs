using System.Buffers.Binary;
using System.Globalization;
using Peer.Actors;

namespace Peer.Lab.Scale.Simulated;

/// <summary>
/// What every bot has said and who has heard it, kept beside the library and without its help: each message carries its speaker and its number, and each listener, the
/// room or another bot in it, must hear every number once and in order.
/// </summary>
internal sealed class RoomLedger(int bots, int perRoom)
{
    /// <summary>As in <c>scale</c>.</summary>
    public const int MessageBytes = 32;

    private const int MostComplaints = 20;

    private readonly int[] _ids = new int[bots];
    private readonly int[] _said = new int[bots];
    private readonly int[] _unacknowledged = new int[bots];

    /// <summary>The next number that a listener expects of a speaker: first the room, then each place in it.</summary>
    private readonly int[] _next = new int[bots * (perRoom + 1)];
    private readonly int[] _missing = new int[bots * (perRoom + 1)];
    private readonly HashSet<int> _crashed = [];

    public long Delivered { get; private set; }

    /// <summary>Heard twice, or out of order.</summary>
    public long Repeated { get; private set; }

    /// <summary>What nobody should have seen or heard: the first of it in words.</summary>
    public List<string> Complaints { get; } = [];

    public int Bots => bots;

    /// <summary>Rooms whose server died without a word: their messages may be missing.</summary>
    public void Crashed(int room) => _crashed.Add(room);

    public int RoomOf(int bot) => bot / perRoom;

    /// <summary>Bots that are in the room beside this one.</summary>
    public int OthersOf(int bot) => Listeners(bot).Count() - 1;

    public void Joined(int bot, int id)
    {
        if (_ids[bot] != 0)
            Complain($"bot {bot} connected a second time, as {id} after {_ids[bot]}");
        _ids[bot] = id;
    }

    /// <summary>Writes the next message of a bot.</summary>
    public byte[] Say(int bot)
    {
        var message = new byte[MessageBytes];
        BinaryPrimitives.WriteInt32LittleEndian(message, bot);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(sizeof(int)), _said[bot]++);
        return message;
    }

    /// <summary>It was not taken, so its number is the next again.</summary>
    public void Unsay(int bot) => _said[bot]--;

    /// <summary>A bot was told that so many of its messages may not have reached the room that crashed.</summary>
    public void ToldUnacknowledged(int bot, int messages)
    {
        if (!_crashed.Contains(RoomOf(bot)))
            Complain($"bot {bot} was told that its room had crashed, which had not");
        _unacknowledged[bot] += messages;
    }

    public void HeardByRoom(int room, PacketReceived packet) => Heard(room, 0, packet);

    public void HeardByBot(int bot, PacketReceived packet) => Heard(RoomOf(bot), 1 + (bot % perRoom), packet);

    public void Complain(string what)
    {
        if (Complaints.Count < MostComplaints)
            Complaints.Add(what);
    }

    /// <summary>Whether everybody has heard all that may be heard yet.</summary>
    public bool IsEven => Enumerable.Range(0, bots).All(bot => Listeners(bot).All(place => _next[At(bot, place)] == _said[bot]));

    public LedgerTotals Total()
    {
        var (said, owed, lost, crashed, unacknowledged) = (0L, 0L, 0L, 0L, 0L);
        for (var bot = 0; bot < bots; bot++)
        {
            said += _said[bot];
            owed += (long)_said[bot] * Listeners(bot).Count();
            var missed = Listeners(bot).Sum(place => Missed(bot, place));
            if (_crashed.Contains(RoomOf(bot)))
                crashed += missed;
            else
                lost += missed;

            // The room that crashed can lack no more than its speaker was told.
            if (_crashed.Contains(RoomOf(bot)) && Missed(bot, 0) > _unacknowledged[bot])
                Complain($"bot {bot} was told of {_unacknowledged[bot]} messages that may be lost, and its room lacks {Missed(bot, 0)}");
            unacknowledged += _unacknowledged[bot];
        }

        return new LedgerTotals(said, owed, Delivered, lost, crashed, unacknowledged, Repeated);
    }

    /// <summary>The room, and everybody in it but the speaker.</summary>
    private IEnumerable<int> Listeners(int bot)
    {
        var first = RoomOf(bot) * perRoom;
        yield return 0;
        for (var other = first; other < Math.Min(bots, first + perRoom); other++)
        {
            if (other != bot)
                yield return 1 + other - first;
        }
    }

    private long Missed(int bot, int place) => _said[bot] - _next[At(bot, place)] + _missing[At(bot, place)];

    private int At(int bot, int place) => (bot * (perRoom + 1)) + place;

    private void Heard(int room, int place, PacketReceived packet)
    {
        var bot = packet.Payload.Length == MessageBytes ? BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span) : -1;
        if (bot < 0 || bot >= bots || RoomOf(bot) != room || _ids[bot] != packet.Peer)
        {
            Complain(string.Create(CultureInfo.InvariantCulture, $"room {room}: peer {packet.Peer} said what it had not: {packet.Payload.Length} bytes of bot {bot}"));
            return;
        }

        var number = BinaryPrimitives.ReadInt32LittleEndian(packet.Payload.Span[sizeof(int)..]);
        ref var next = ref _next[At(bot, place)];
        if (number < next)
        {
            Repeated++;
            return;
        }

        Delivered++;
        _missing[At(bot, place)] += number - next;
        if (number > next && !_crashed.Contains(room))
            Complain($"room {room}: {number} came of bot {bot}, and {next} was next");
        next = number + 1;
    }
}

/// <summary>The books at the end.</summary>
/// <param name="Said">Messages said.</param>
/// <param name="Owed">Each as often as it has listeners.</param>
/// <param name="Delivered">Of these, heard in order.</param>
/// <param name="Lost">Of these, never heard, in rooms whose server did not crash.</param>
/// <param name="LostInCrash">The same in rooms whose server did.</param>
/// <param name="ToldUnacknowledged">Messages of which the speakers were told that they may be lost.</param>
/// <param name="Repeated">Heard twice or out of order.</param>
internal sealed record LedgerTotals(long Said, long Owed, long Delivered, long Lost, long LostInCrash, long ToldUnacknowledged, long Repeated);
