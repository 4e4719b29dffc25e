namespace Peer.Node.Status;

/// <summary>
/// Something that is looked for when somebody asks, and not otherwise: once for all who ask meanwhile, and not again within an interval. Where a look fails, what was seen before stands.
/// </summary>
internal sealed class SharedLook<T> : IDisposable
{
    private readonly object _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopped;
    private readonly TimeProvider _time;
    private readonly TimeSpan _interval;
    private readonly Func<CancellationToken, Task<T>> _look;
    private Task<T>? _underWay;
    private T _seen;
    private long? _lookedAt;

    /// <param name="time">How long ago the last look was.</param>
    /// <param name="interval">What was seen is good for so long.</param>
    /// <param name="unseen">What is known before the first look.</param>
    /// <param name="look">Looks.</param>
    public SharedLook(TimeProvider time, TimeSpan interval, T unseen, Func<CancellationToken, Task<T>> look)
    {
        (_time, _interval, _seen, _look, _stopped) = (time, interval, unseen, look, _stop.Token);
    }

    /// <summary>What there is to see, at most an interval old.</summary>
    /// <param name="cancellation">Ends the waiting of the one who asks; the look goes on for the others.</param>
    public Task<T> AskAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_underWay is null && (_stopped.IsCancellationRequested || (_lookedAt is { } before && _time.GetElapsedTime(before) < _interval)))
                return Task.FromResult(_seen);
            _underWay ??= Task.Run(LookAsync, CancellationToken.None);
            return _underWay.WaitAsync(cancellation);
        }
    }

    public void Dispose()
    {
        if (_stopped.IsCancellationRequested)
            return;
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task<T> LookAsync()
    {
        try
        {
            var seen = await _look(_stopped);
            lock (_gate)
                return _seen = seen;
        }
        catch (Exception failure) when (failure is OperationCanceledException or InvalidOperationException)
        {
            // Whatever is looked at has ended, or the node stops.
            lock (_gate)
                return _seen;
        }
        finally
        {
            lock (_gate)
            {
                _underWay = null;
                _lookedAt = _time.GetTimestamp();
            }
        }
    }
}
