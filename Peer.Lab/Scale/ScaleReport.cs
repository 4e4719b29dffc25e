namespace Peer.Lab.Scale;

/// <summary>What a node of rooms costs.</summary>
internal sealed record ScaleReport(int Nodes, int Rooms, int Players, double TalkRate)
{
    /// <summary>Rooms of each node after all have opened.</summary>
    public IReadOnlyList<int> RoomsOfNodes { get; set; } = [];

    /// <summary>Seconds in which all rooms opened, and processor seconds of all nodes for it.</summary>
    public double OpenSeconds { get; set; }

    public double OpenCpu { get; set; }

    /// <summary>Bytes of the managed heap and of resident memory for a room without players.</summary>
    public double RoomHeap { get; set; }

    public double RoomResident { get; set; }

    public double RoomHandles { get; set; }

    /// <summary>Processor microseconds a second for a room without players.</summary>
    public double RoomIdleCpu { get; set; }

    /// <summary>Seconds in which all players were in their rooms, and processor milliseconds of the nodes for each.</summary>
    public double JoinSeconds { get; set; }

    public double JoinCpu { get; set; }

    /// <summary>Bytes for a player, on the node and in the crowd.</summary>
    public double PlayerHeap { get; set; }

    public double PlayerResident { get; set; }

    public double PlayerHeapOwn { get; set; }

    /// <summary>Processor microseconds a second of a node for a silent player.</summary>
    public double PlayerIdleCpu { get; set; }

    /// <summary>Messages a second that players heard of one another, and processor microseconds of the nodes for each.</summary>
    public double Heard { get; set; }

    public double HeardCpu { get; set; }

    /// <summary>Seconds until a node had left and all its rooms were elsewhere; negative when no node left.</summary>
    public double DrainSeconds { get; set; } = -1;

    public int DrainedRooms { get; set; }

    /// <summary>Rooms and connected players afterwards, and players who were lost at any time.</summary>
    public int RoomsAfter { get; set; }

    public int PlayersAfter { get; set; }

    public int Lost { get; set; }

    public bool Holds => Lost == 0 && PlayersAfter == Players && RoomsAfter == Rooms;

    public void Write(TextWriter output)
    {
        output.WriteLine($"rooms      {Rooms} on {Nodes} nodes ({string.Join(", ", RoomsOfNodes)}), opened in {OpenSeconds:0.0} s, {1e3 * OpenCpu / Math.Max(1, Rooms):0.00} ms CPU each");
        output.WriteLine($"           each {RoomHeap / 1024:0.0} KiB of heap, {RoomResident / 1024:0.0} KiB resident, {RoomHandles:0.0} handles, {RoomIdleCpu:0.0} us/s idle");
        if (Players > 0)
        {
            output.WriteLine($"players    {Players}, joined in {JoinSeconds:0.0} s, {1e3 * JoinCpu / Players:0.00} ms CPU of the nodes each");
            output.WriteLine($"           each {PlayerHeap / 1024:0.0} KiB of heap, {PlayerResident / 1024:0.0} KiB resident, {PlayerIdleCpu:0.0} us/s idle; {PlayerHeapOwn / 1024:0.0} KiB of heap at its own end");
            output.WriteLine($"talk       {TalkRate:0.#} messages/s of each, {Heard:0} heard/s, {HeardCpu:0.0} us CPU of the nodes for each");
        }

        if (DrainSeconds >= 0)
            output.WriteLine($"drain      {DrainedRooms} rooms left their node in {DrainSeconds:0.0} s");
        output.WriteLine($"afterwards {RoomsAfter} rooms, {PlayersAfter} players, {Lost} lost: {(Holds ? "holds" : "DOES NOT HOLD")}");
    }
}
