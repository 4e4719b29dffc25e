using Peer.Lab.Compare.Ends;

namespace Peer.Lab.Compare;

/// <summary>The libraries, and how their ends are started.</summary>
internal static class LibraryCatalog
{
    public static IReadOnlyList<string> Names { get; } = [Library.ActorPeer, Library.ENet, Library.LiteNetLib];

    /// <summary>Those of the names that this machine can run; says loudly which it cannot.</summary>
    public static IReadOnlyList<Library> Find(IEnumerable<string> names, TextWriter error)
    {
        var found = new List<Library>();
        foreach (var name in names)
        {
            if (name != Library.ENet)
            {
                // By the assembly: a test's own process hosts this code too.
                found.Add(new Library(name, Encrypted: name == Library.ActorPeer, IsManaged: true, ["dotnet", Path.Combine(AppContext.BaseDirectory, "Peer.Lab.dll"), EndCommand.Name, name]));
            }
            else if (NativeBuild.TryBuild(out var problem) is { } program)
            {
                found.Add(new Library(name, Encrypted: false, IsManaged: false, [program]));
            }
            else
            {
                error.WriteLine($"ATTENTION: ENet is left out, there is nothing to compare with it: {problem}");
                error.WriteLine($"           To have it: {NativeBuild.Remedy}");
            }
        }

        return found;
    }
}
