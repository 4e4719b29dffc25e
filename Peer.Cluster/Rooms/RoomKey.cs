using System.Buffers;

namespace Peer.Cluster.Rooms;

/// <summary>Names of rooms: they stand in actor paths, logs, pages and handshakes, so they are short and plain.</summary>
public static class RoomKey
{
    /// <summary>Longest key, in characters.</summary>
    public const int MaxLength = 100;

    internal const string Rule = "1 to 100 letters of a-z and A-Z, digits, and any of . _ - : ~";

    private static readonly SearchValues<char> Legal = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:~");

    /// <summary>Whether it may name a room.</summary>
    public static bool IsValid(string key) => key is { Length: > 0 and <= MaxLength } && !key.AsSpan().ContainsAnyExcept(Legal);

    internal static string Check(string key) => IsValid(key) ? key : throw new ArgumentException($"a room's key consists of {Rule}", nameof(key));
}
