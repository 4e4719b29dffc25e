namespace Peer.Node.Load;

/// <summary>The reliable messages of one life of one bot, as another bot heard them.</summary>
internal sealed class HeardStream
{
    private const int MostGaps = 32;

    /// <summary>The sender.</summary>
    public int From { get; init; }

    /// <summary>Its life.</summary>
    public int Life { get; init; }

    /// <summary>The first number heard: whoever joins later has not heard what was said before.</summary>
    public long First { get; set; }

    /// <summary>The largest number heard.</summary>
    public long Last { get; set; }

    /// <summary>Numbers left out, first and last of each run of them.</summary>
    public List<long[]> Gaps { get; set; } = [];

    /// <summary>Runs left out beyond those that are listed.</summary>
    public int MoreGaps { get; set; }

    /// <summary>Messages that came again, or after a later one.</summary>
    public long Repeated { get; set; }

    public void Hear(long number)
    {
        if (Last == 0)
        {
            First = Last = number;
            return;
        }

        if (number <= Last)
        {
            Repeated++;
            return;
        }

        if (number > Last + 1)
        {
            if (Gaps.Count < MostGaps)
                Gaps.Add([Last + 1, number - 1]);
            else
                MoreGaps++;
        }

        Last = number;
    }
}
