using Peer.Lab.Compare;

namespace Peer.Tests.Lab.Compare;

/// <summary>Workloads and libraries without processes.</summary>
internal static class MadeUp
{
    public static Library ActorPeer { get; } = new(Library.ActorPeer, Encrypted: true, IsManaged: true, []);

    public static Library ENet { get; } = new(Library.ENet, Encrypted: false, IsManaged: false, []);

    public static Library LiteNetLib { get; } = new(Library.LiteNetLib, Encrypted: false, IsManaged: true, []);

    public static RunPlan Plan { get; } = new(TimeSpan.Zero, TimeSpan.Zero);

    public static Sample Rate(double messagesPerSecond) => new(new Dictionary<string, double> { [Figure.MessagesPerSecond] = messagesPerSecond });

    public static CompareRow Row(IWorkload workload, Library library, params Sample[] samples) => new(workload, library, samples);
}

/// <summary>A workload that gives what a test wants, and remembers what it was run on.</summary>
internal sealed class MadeUpWorkload(string name, Func<Library, Sample> run) : IWorkload
{
    public MadeUpWorkload(string name = "oneway-reliable-32")
        : this(name, _ => MadeUp.Rate(1))
    {
    }

    public string Name => name;

    public WorkloadSet Set => WorkloadSet.Other;

    public Headline Headline { get; init; } = Headline.Rate;

    public Sample Run(Library library, RunPlan plan, CancellationToken cancel) => run(library);
}
