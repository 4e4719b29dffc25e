namespace Peer.Actors.Transport;

/// <summary>A number that many threads add to and anyone may read.</summary>
internal sealed class Tally
{
    private long _value;

    public long Value => Interlocked.Read(ref _value);

    public void Add(long amount) => Interlocked.Add(ref _value, amount);

    public void Increment() => Interlocked.Increment(ref _value);

    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
