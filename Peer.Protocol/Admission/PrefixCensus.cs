namespace Peer.Protocol.Admission;

/// <summary>How many live at each source prefix. Holds no more entries than there are who live.</summary>
internal sealed class PrefixCensus
{
    private readonly Dictionary<AddressPrefix, int> _counts = [];

    /// <summary>Prefixes where somebody lives.</summary>
    public int Prefixes => _counts.Count;

    public int Of(AddressPrefix prefix) => _counts.GetValueOrDefault(prefix);

    public void Enter(AddressPrefix prefix) => _counts[prefix] = Of(prefix) + 1;

    public void Leave(AddressPrefix prefix)
    {
        var left = Of(prefix) - 1;
        if (left > 0)
            _counts[prefix] = left;
        else
            _counts.Remove(prefix);
    }
}
