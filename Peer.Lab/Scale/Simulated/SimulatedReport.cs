using System.Globalization;

namespace Peer.Lab.Scale.Simulated;

/// <summary>What the simulation shows.</summary>
internal sealed record SimulatedReport(ulong Seed, int Nodes, int Rooms, int Bots, double Rate)
{
    public double VirtualSeconds { get; set; }

    public double RealSeconds { get; set; }

    /// <summary>Bytes of the managed heap for a room without players, and for a player, both of its ends and their part of the simulation together.</summary>
    public double RoomHeap { get; set; }

    public double BotHeap { get; set; }

    /// <summary>The part of a player that was freed with the node that crashed.</summary>
    public double BotHeapOnNode { get; set; }

    public PhaseCost Opening { get; set; } = new();

    public PhaseCost Joining { get; set; } = new();

    public PhaseCost Silence { get; set; } = new();

    public PhaseCost Talk { get; set; } = new();

    public PhaseCost Drain { get; set; } = new();

    public PhaseCost Crash { get; set; } = new();

    public NodeShares Opened { get; set; } = new([], []);

    public NodeShares Drained { get; set; } = new([], []);

    public NodeShares Crashed { get; set; } = new([], []);

    public int DrainedRooms { get; set; }

    /// <summary>Virtual seconds until the last client of the node that left had confirmed that it knows.</summary>
    public double DrainSeconds { get; set; }

    /// <summary>Bytes that a room hands over, in the mean.</summary>
    public double StateBytes { get; set; }

    public int CrashedRooms { get; set; }

    /// <summary>Bots of the node that crashed, how many came back, and after how many virtual seconds half of them and the last had.</summary>
    public int CrashedBots { get; set; }

    public int Returned { get; set; }

    public double HalfReturned { get; set; }

    public double AllReturned { get; set; }

    public LedgerTotals Ledger { get; set; } = new(0, 0, 0, 0, 0, 0, 0);

    public IReadOnlyList<string> Complaints { get; set; } = [];

    /// <summary>What actors logged as errors.</summary>
    public int Errors { get; set; }

    /// <summary>Of all datagrams and the books: the same for the same seed.</summary>
    public string Digest { get; set; } = "";

    public bool Holds => Complaints.Count == 0 && Errors == 0 && Ledger is { Lost: 0, Repeated: 0 } && Returned == CrashedBots
        && Ledger.Delivered + Ledger.LostInCrash == Ledger.Owed;

    /// <summary>Microseconds of processor time of the nodes for a message that was heard, less what silence costs.</summary>
    public double NodeMicrosPerMessage => PerMessage(Talk.NodesCpu, Silence.NodesCpu);

    /// <summary>The same of everything.</summary>
    public double MicrosPerMessage => PerMessage(Talk.Cpu, Silence.Cpu);

    /// <summary>Microseconds of the nodes for a silent connection and second, its share of its room included.</summary>
    public double NodeMicrosPerSilentSecond => 1e6 * Silence.NodesCpu / Math.Max(1, Bots * Silence.VirtualSeconds);

    public void Write(TextWriter output)
    {
        Line("rooms", $"{Rooms} on {Nodes} nodes, each {RoomHeap / 1024:0.0} KiB of heap; {1e3 * Opening.NodesCpu / Rooms:0.00} ms CPU of the nodes to open one");
        Line("bots", $"{Bots}, each {BotHeap / 1024:0.0} KiB of heap at both ends, {BotHeapOnNode / 1024:0.0} KiB of it on the node; {1e3 * Joining.NodesCpu / Bots:0.00} ms CPU of the nodes to join");
        Line("silence", $"{NodeMicrosPerSilentSecond:0.0} us CPU of the nodes for a bot and second, {Silence.Datagrams / Math.Max(1, Bots * Silence.VirtualSeconds):0.00} datagrams");
        Line("talk", $"{Rate:0.##} messages/s of each, {Talk.Delivered / Talk.VirtualSeconds:0} heard/s, {NodeMicrosPerMessage:0.0} us CPU of the nodes for each, {MicrosPerMessage:0.0} us of everything");
        Line("", $"{(double)Talk.Datagrams / Math.Max(1, Talk.Delivered):0.00} datagrams and {(double)Talk.Bytes / Math.Max(1, Talk.Delivered):0} bytes of the nodes for each");
        Line("", Most(Talk));
        Line("placement", $"{Opened} after opening; {Drained} after the drain; {Crashed} after the crash");
        Line("drain", $"{DrainedRooms} rooms, {StateBytes:0} bytes each, gone with the last client after {DrainSeconds:0.00} virtual seconds");
        Line("", Most(Drain));
        Line("crash", $"{CrashedRooms} rooms; {Returned} of {CrashedBots} bots back, half after {HalfReturned:0.0} and the last after {AllReturned:0.0} virtual seconds");
        Line("", Most(Crash));
        Line("messages", $"{Ledger.Said} said, {Ledger.Owed} owed, {Ledger.Delivered} delivered, {Ledger.Lost} lost, {Ledger.Repeated} repeated; {Ledger.LostInCrash} lost with the node that crashed");
        Line("time", $"{VirtualSeconds:0} virtual seconds in {RealSeconds:0} s");
        Line("digest", $"{Digest} of seed {Seed}: {(Holds ? "holds" : "DOES NOT HOLD")}");

        void Line(string what, FormattableString text) => output.WriteLine($"{what,-10} {text.ToString(CultureInfo.InvariantCulture)}");
    }

    private static FormattableString Most(PhaseCost phase) =>
        $"most in a second: {phase.Busiest.Datagrams} datagrams and {phase.Busiest.Bytes / 1024} KiB of a node, {phase.Busiest.NodeCpu:0.00} s CPU of a node, {phase.Busiest.Arrivals} arrivals";

    private double PerMessage(double talk, double silence) =>
        Talk.Delivered == 0 || Silence.VirtualSeconds <= 0 ? 0 : 1e6 * (talk - (silence * Talk.VirtualSeconds / Silence.VirtualSeconds)) / Talk.Delivered;
}

/// <summary>Rooms and players of each node.</summary>
internal sealed record NodeShares(IReadOnlyList<int> Rooms, IReadOnlyList<int> Players)
{
    /// <summary>The fullest node in proportion to the mean of those that have any; 1 is even.</summary>
    public double RoomImbalance => Imbalance(Rooms);

    public double PlayerImbalance => Imbalance(Players);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{string.Join('/', Rooms)} rooms and {string.Join('/', Players)} bots (x{RoomImbalance:0.00}, x{PlayerImbalance:0.00})");

    private static double Imbalance(IReadOnlyList<int> shares)
    {
        int[] some = [.. shares.Where(share => share > 0)];
        return some.Length == 0 ? 1 : some.Max() / some.Average();
    }
}
