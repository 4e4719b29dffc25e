namespace Peer.Node.Demo;

/// <summary>How many messages are due at a constant rate. A process that was held up catches up on a tenth of a second only, so that nobody is flooded.</summary>
internal sealed class SendPace(double perSecond)
{
    private readonly double _burst = Math.Max(1, perSecond / 10);
    private double _allowance;
    private TimeSpan _last;

    /// <summary>Messages that may be put now, since the last call at an earlier time.</summary>
    public bool TryTake(TimeSpan elapsed)
    {
        _allowance = Math.Min(_burst, _allowance + ((elapsed - _last).TotalSeconds * perSecond));
        _last = elapsed;
        if (_allowance < 1)
            return false;
        _allowance--;
        return true;
    }

    /// <summary>Gives one back that could not be put.</summary>
    public void Return() => _allowance++;
}
