using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare.Works;

/// <summary>One end's part of a workload: what it does with what comes, and what it sends by itself. Lives in the end's process.</summary>
internal abstract class Work : IReceiver
{
    protected static readonly IReadOnlyDictionary<string, double> Nothing = new Dictionary<string, double>();

    /// <summary>The longest wait within which a work looks for the judge's word.</summary>
    protected static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(100);

    /// <summary>The session of this process.</summary>
    protected EndSession Session { get; private set; } = null!;

    public void Attach(EndSession session) => Session = session;

    /// <summary>Before the first connection.</summary>
    public virtual void Prepare(IEndpoint end)
    {
    }

    /// <inheritdoc />
    public virtual void Receive(IEndpoint end, int peer, ReadOnlySpan<byte> payload, int channel)
    {
    }

    /// <summary>Runs from <c>go</c> until the session says stop, and what is then still due has come.</summary>
    /// <returns>The figures of <c>done</c>.</returns>
    public abstract IReadOnlyDictionary<string, double> Run(IEndpoint end);
}
