using Peer.Node.Logging;
using Peer.Protocol;

namespace Peer.Node;

/// <summary>How <c>serve</c> tells what happens, on standard output: in lines for people or as JSON.</summary>
internal interface IServerVoice
{
    void Listening(int port, int enetPort, string? http);

    /// <param name="peer">Who.</param>
    /// <param name="room">The room of a cluster; empty outside of one.</param>
    void Joined(int peer, string room = "");

    void Left(int peer, DisconnectInfo info, string room = "");

    void Said(int peer, ReadOnlySpan<byte> packet, string room = "");

    void RoomOpened(string room, bool isMoved);

    void RoomClosed(string room, bool isMoving);

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

    public void Joined(int peer, string room = "") => output.WriteLine($"{Of(room)}{peer} joined");

    public void Left(int peer, DisconnectInfo info, string room = "") => output.WriteLine($"{Of(room)}{peer} left ({ChatText.Why(info)})");

    public void Said(int peer, ReadOnlySpan<byte> packet, string room = "") => output.WriteLine($"{Of(room)}{ChatText.Name(peer)}: {ChatText.Show(packet)}");

    public void RoomOpened(string room, bool isMoved) => output.WriteLine($"room {room} {(isMoved ? "has come from another node" : "opened")}");

    public void RoomClosed(string room, bool isMoving) => output.WriteLine($"room {room} {(isMoving ? "goes to another node" : "closed")}");

    private static string Of(string room) => room.Length == 0 ? "" : $"[{room}] ";

    public void Stopping() => output.WriteLine("stopping");
}

/// <summary>For programs: an object a line, with <c>event</c> and what belongs to it.</summary>
internal sealed class JsonVoice(TextWriter output, TimeProvider time) : IServerVoice
{
    public void Listening(int port, int enetPort, string? http) =>
        Write("listening", $"listening on port {port}", ("port", port), ("enet_port", enetPort == 0 ? null : enetPort), ("http", http));

    public void Joined(int peer, string room = "") => Write("joined", $"{peer} joined", ("peer", peer), ("room", Of(room)));

    public void Left(int peer, DisconnectInfo info, string room = "") =>
        Write("left", $"{peer} left ({ChatText.Why(info)})", ("peer", peer), ("reason", $"{info.Reason}"), ("room", Of(room)));

    public void Said(int peer, ReadOnlySpan<byte> packet, string room = "") =>
        Write("said", ChatText.Show(packet), ("peer", peer), ("bytes", packet.Length), ("room", Of(room)));

    public void RoomOpened(string room, bool isMoved) => Write("room_opened", $"room {room} opened", ("room", room), ("moved", isMoved));

    public void RoomClosed(string room, bool isMoving) => Write("room_closed", $"room {room} closed", ("room", room), ("moving", isMoving));

    private static string? Of(string room) => room.Length == 0 ? null : room;

    public void Stopping() => Write("stopping", "stopping");

    private void Write(string what, string message, params ReadOnlySpan<(string Name, object? Value)> fields) =>
        output.WriteLine(LogLine.Json(time.GetUtcNow(), "info", "serve", message, null, [("event", what), .. fields]));
}
