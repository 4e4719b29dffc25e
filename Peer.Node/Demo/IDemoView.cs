namespace Peer.Node.Demo;

/// <summary>Shows a demo while it runs.</summary>
internal interface IDemoView
{
    /// <summary>Called a few times a second.</summary>
    void Show(string phase, TimeSpan elapsed, IReadOnlyList<DemoProcess> processes);
}
