using Peer.Actors.Connections;
using Peer.Protocol.Delivery;

namespace Peer.Actors;

/// <summary>What was said, since a server took the place of another one, to everybody or to somebody who is not back yet; as much as may wait for one who is away.</summary>
internal sealed class SaidMeanwhile(long limitBytes)
{
    /// <summary>What keeping one run costs beside its bytes.</summary>
    private const int Overhead = 128;

    private readonly List<(Member? Sender, int Target, Run Run)> _entries = [];
    private long _bytes;

    /// <summary>Runs in the order in which they were routed, with what their DATA frames will say; without a sender they are the server's own.</summary>
    public IReadOnlyList<(Member? Sender, int Target, Run Run)> Entries => _entries;

    /// <summary>Whether there was too much: then nothing is kept.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Takes a run over, with the caller's reference.</summary>
    public void Add(Member? sender, int target, Run run)
    {
        _bytes += run.Bytes.Length + Overhead;
        if (IsOver || _bytes > limitBytes)
        {
            run.Release();
            IsOver = true;
            Clear(static _ => false);
            return;
        }

        _entries.Add((sender, target, run));
    }

    /// <summary>Forgets everything.</summary>
    /// <param name="isMissing">Whether a peer that was named has not come.</param>
    /// <returns>Messages for such peers.</returns>
    public long Clear(Func<int, bool> isMissing)
    {
        var lost = 0L;
        foreach (var (_, target, run) in _entries)
        {
            if (target > 0 && isMissing(target))
                lost += run.Messages;
            run.Release();
        }

        _entries.Clear();
        return lost;
    }
}
