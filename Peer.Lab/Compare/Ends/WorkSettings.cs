using System.Globalization;
using Peer.Protocol;

namespace Peer.Lab.Compare.Ends;

/// <summary>What an end was told: <c>key=value</c>.</summary>
internal sealed class WorkSettings(IEnumerable<string> pairs)
{
    private readonly Dictionary<string, string> _values = pairs.Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair.Length > 1 ? pair[1] : "");

    public int Port => Int("port", 0);

    public int Clients => Int("clients", 1);

    public int Size => Int("size", 32);

    /// <summary><c>mode=reliable</c>, <c>ordered</c> or <c>unreliable</c>.</summary>
    public TransferMode Mode => Text("mode", "reliable") switch
    {
        "reliable" => TransferMode.Reliable,
        "ordered" => TransferMode.UnreliableOrdered,
        _ => TransferMode.Unreliable,
    };

    public string Text(string key, string otherwise) => _values.GetValueOrDefault(key, otherwise);

    public int Int(string key, int otherwise) => _values.TryGetValue(key, out var text) ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
