namespace Peer.Protocol.Admission;

/// <summary>Networks and token clients that are not let in, each until a time. Times in microseconds; <see cref="long.MaxValue"/> is for ever.</summary>
internal sealed class BanList
{
    private readonly int _capacity;
    private readonly Dictionary<AddressPrefix, long> _networks = [];
    private readonly Dictionary<ulong, long> _clients = [];

    // How many bans there are of each size of network, so that a look-up asks only for sizes that occur.
    private readonly int[] _sizes = new int[33];
    private readonly int[] _sizes6 = new int[129];

    /// <param name="capacity">Most bans of each kind.</param>
    public BanList(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        _capacity = capacity;
    }

    /// <summary>Bans remembered, expired ones included until they are come across.</summary>
    public int Count => _networks.Count + _clients.Count;

    /// <summary>Bans a network until a time; a ban of the same network is replaced.</summary>
    /// <returns>False when the list is full of bans that still hold.</returns>
    public bool TryBan(AddressPrefix network, long until, long now)
    {
        if (!HasRoom(_networks, network, now))
            return false;
        if (!_networks.ContainsKey(network))
            SizesOf(network)[network.Length]++;
        _networks[network] = until;
        return true;
    }

    /// <summary>Bans a client until a time, by the id that its tokens carry.</summary>
    /// <returns>False when the list is full of bans that still hold.</returns>
    public bool TryBan(ulong client, long until, long now)
    {
        if (!HasRoom(_clients, client, now))
            return false;
        _clients[client] = until;
        return true;
    }

    public bool Unban(AddressPrefix network)
    {
        if (!_networks.Remove(network))
            return false;
        SizesOf(network)[network.Length]--;
        return true;
    }

    public bool Unban(ulong client) => _clients.Remove(client);

    public bool IsBanned(ulong client, long now) => _clients.TryGetValue(client, out var until) && (now < until || !Unban(client));

    /// <summary>Whether an address is banned, by itself or with a network around it.</summary>
    /// <param name="address">4 or 16 bytes.</param>
    /// <param name="now">Microseconds.</param>
    public bool IsBanned(ReadOnlySpan<byte> address, long now)
    {
        if (_networks.Count == 0)
            return false;
        var whole = AddressPrefix.Of(address, address.Length * 8);
        var sizes = SizesOf(whole);
        for (var length = 0; length < sizes.Length; length++)
        {
            if (sizes[length] == 0 || !_networks.TryGetValue(whole.Shortened(length), out var until))
                continue;
            if (now < until)
                return true;
            Unban(whole.Shortened(length));
        }

        return false;
    }

    private int[] SizesOf(AddressPrefix network) => network.IsIPv6 ? _sizes6 : _sizes;

    private bool HasRoom<TKey>(Dictionary<TKey, long> bans, TKey key, long now)
        where TKey : notnull
    {
        if (bans.Count < _capacity || bans.ContainsKey(key))
            return true;
        foreach (var expired in _networks.Where(ban => ban.Value <= now).Select(ban => ban.Key).ToArray())
            Unban(expired);
        foreach (var expired in _clients.Where(ban => ban.Value <= now).Select(ban => ban.Key).ToArray())
            Unban(expired);
        return bans.Count < _capacity;
    }
}
