using Peer.Lab.Fuzz.Targets;

namespace Peer.Lab.Fuzz;

/// <summary>All targets, in the order in which <c>all</c> takes them.</summary>
internal static class FuzzTargets
{
    private static readonly (string Name, string About, Func<IFuzzTarget> Create)[] Known =
    [
        (DatagramsTarget.TargetName, "datagrams from anywhere at a server with clients", () => new DatagramsTarget()),
        (FramesTarget.TargetName, "frames from a client that holds genuine keys", () => new FramesTarget()),
        (HelloTarget.TargetName, "HELLOs with cookies and tokens made good", () => new HelloTarget()),
        (AnswersTarget.TargetName, "answers to a client's HELLO, welcomes sealed under the right keys", () => new AnswersTarget()),
        (TokensTarget.TargetName, "connect tokens: their text, their sealed part, and what is inside", () => new TokensTarget()),
        (ControlTarget.TargetName, "control messages, and the roster that they change", () => new ControlTarget()),
        (ENetTarget.TargetName, "an ENet host, its strangers and its connections, at both ends", () => new ENetTarget()),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. Known.Select(target => target.Name)];

    /// <summary>One line each, for the help.</summary>
    public static IEnumerable<string> Descriptions => Known.Select(target => $"{target.Name,-10} {target.About}");

    public static IFuzzTarget Create(string name) => Known.Single(target => target.Name == name).Create();
}
