using Peer.Node.Logging;
using Peer.Protocol;

namespace Peer.Node.Cluster;

/// <summary>How a node of a cluster tells what happens in its rooms, on standard output: in lines for people or as JSON. Rooms speak from threads of their own.</summary>
internal sealed class RoomVoice(TextWriter output, bool isJson, TimeProvider time)
{
    private readonly TextWriter _output = TextWriter.Synchronized(output);

    public void Listening(string door, string remote, string? http)
    {
        if (isJson)
        {
            Write("listening", $"door at {door}", ("door", door), ("remote", remote), ("http", http));
            return;
        }

        _output.WriteLine($"door at {door}, node {remote}; Ctrl+C stops");
        if (http is not null)
            _output.WriteLine($"HTTP on {http}");
    }

    public void Opened(string room, bool isMoved) =>
        Tell("opened", isMoved ? $"room {room} has come here" : $"room {room} opened", ("room", room), ("moved", isMoved));

    public void Joined(string room, int peer) => Tell("joined", $"[{room}] {peer} joined", ("room", room), ("peer", peer));

    public void Left(string room, int peer, DisconnectInfo info) =>
        Tell("left", $"[{room}] {peer} left ({ChatText.Why(info)})", ("room", room), ("peer", peer), ("reason", $"{info.Reason}"));

    public void Said(string room, int peer, ReadOnlySpan<byte> packet) =>
        Tell("said", $"[{room}] {ChatText.Name(peer)}: {ChatText.Show(packet)}", ("room", room), ("peer", peer), ("bytes", packet.Length));

    public void Up() => Tell("up", "in the cluster");

    public void Stopping() => Tell("stopping", "stopping: rooms go to other nodes");

    private void Tell(string what, string message, params ReadOnlySpan<(string Name, object? Value)> fields)
    {
        if (isJson)
            Write(what, message, fields);
        else
            _output.WriteLine(message);
    }

    private void Write(string what, string message, params ReadOnlySpan<(string Name, object? Value)> fields) =>
        _output.WriteLine(LogLine.Json(time.GetUtcNow(), "info", "serve", message, null, [("event", what), .. fields]));
}
