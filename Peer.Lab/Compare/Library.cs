using System.Diagnostics;

namespace Peer.Lab.Compare;

/// <summary>A library that is compared: a name, and a program that plays one end of a workload with it.</summary>
/// <param name="Name">As the JSON spells it.</param>
/// <param name="Encrypted">Whether what it sends is encrypted.</param>
/// <param name="IsManaged">Whether its code is compiled while it runs, and allocates from a managed heap.</param>
/// <param name="Program">The executable, and the arguments before those of the end.</param>
internal sealed record Library(string Name, bool Encrypted, bool IsManaged, IReadOnlyList<string> Program)
{
    public const string ActorPeer = "actorpeer";
    public const string ENet = "enet";
    public const string LiteNetLib = "litenetlib";

    /// <summary>Begins the process of one end.</summary>
    /// <param name="role"><c>server</c> or <c>client</c>.</param>
    /// <param name="work">The work that both ends know: <c>oneway</c>.</param>
    /// <param name="settings">What the work is told, as <c>key=value</c>: <c>size=32</c>; a client is told the port here.</param>
    public EndProcess Start(string role, string work, IEnumerable<string> settings)
    {
        var start = new ProcessStartInfo(Program[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in Program.Skip(1).Append(role).Append(work).Concat(settings))
            start.ArgumentList.Add(argument);
        return new EndProcess($"{Name} {role}", start);
    }
}
