using Peer.Node.Logging;
using Peer.Protocol;

namespace Peer.Node;

/// <summary>How <c>serve</c> tells what happens, on standard output: in lines for people or as JSON.</summary>
internal interface IServerVoice
{
    void Listening(int port, int enetPort, string? http);

    void Joined(int peer);

    void Left(int peer, DisconnectInfo info);

    void Said(int peer, ReadOnlySpan<byte> packet);

    void Stopping();
}

/// <summary>For people.</summary>
internal sealed class TextVoice(TextWriter output) : IServerVoice
{
    public void Listening(int port, int enetPort, string? http)
    {
        output.WriteLine($"listening on port {port}; Ctrl+C stops");
        if (enetPort != 0)
            output.WriteLine($"ENet on port {enetPort}");
        if (http is not null)
            output.WriteLine($"HTTP on {http}");
    }

    public void Joined(int peer) => output.WriteLine($"{peer} joined");

    public void Left(int peer, DisconnectInfo info) => output.WriteLine($"{peer} left ({ChatText.Why(info)})");

    public void Said(int peer, ReadOnlySpan<byte> packet) => output.WriteLine($"{ChatText.Name(peer)}: {ChatText.Show(packet)}");

    public void Stopping() => output.WriteLine("stopping");
}

/// <summary>For programs: an object a line, with <c>event</c> and what belongs to it.</summary>
internal sealed class JsonVoice(TextWriter output, TimeProvider time) : IServerVoice
{
    public void Listening(int port, int enetPort, string? http) =>
        Write("listening", $"listening on port {port}", ("port", port), ("enet_port", enetPort == 0 ? null : enetPort), ("http", http));

    public void Joined(int peer) => Write("joined", $"{peer} joined", ("peer", peer));

    public void Left(int peer, DisconnectInfo info) => Write("left", $"{peer} left ({ChatText.Why(info)})", ("peer", peer), ("reason", $"{info.Reason}"));

    public void Said(int peer, ReadOnlySpan<byte> packet) => Write("said", ChatText.Show(packet), ("peer", peer), ("bytes", packet.Length));

    public void Stopping() => Write("stopping", "stopping");

    private void Write(string what, string message, params ReadOnlySpan<(string Name, object? Value)> fields) =>
        output.WriteLine(LogLine.Json(time.GetUtcNow(), "info", "serve", message, null, [("event", what), .. fields]));
}
