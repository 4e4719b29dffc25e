using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Peer.Actors.Telemetry;

namespace Peer.Tests.Telemetry;

/// <summary>Collects what the peers of one application measure; tests that run beside this one have others.</summary>
internal sealed class Meters : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<string, long> _numbers = new();
    private readonly ConcurrentBag<double> _roundTrips = [];

    public Meters(string application)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == PeerTelemetry.MeterName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (!Of(tags, application, out var rest))
                return;
            _numbers[$"{instrument.Name}{rest}"] = value;
        });
        _listener.SetMeasurementEventCallback<double>((_, value, tags, _) =>
        {
            if (Of(tags, application, out var _))
                _roundTrips.Add(value);
        });
        _listener.Start();
    }

    public IReadOnlyCollection<double> RoundTrips => _roundTrips;

    /// <summary>Reads all instruments, and answers with one: <c>name{role}</c> or <c>name{role,value of its tag}</c>; 0 where there is none.</summary>
    public long this[string series]
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _numbers.GetValueOrDefault(series);
        }
    }

    public IEnumerable<string> Names
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _numbers.Keys;
        }
    }

    public void Dispose() => _listener.Dispose();

    private static bool Of(ReadOnlySpan<KeyValuePair<string, object?>> tags, string application, out string rest)
    {
        rest = $"{{{string.Join(',', tags[1..].ToArray().Select(tag => tag.Value))}}}";
        return tags.Length >= 2 && tags[0].Key == "actorpeer.application" && (string?)tags[0].Value == application;
    }
}

/// <summary>Collects the activities of one application.</summary>
internal sealed class Traces : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _ended = new();

    public Traces(string application)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PeerTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if ((string?)activity.GetTagItem("actorpeer.application") == application)
                    _ended.Enqueue(activity);
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public IReadOnlyList<Activity> Of(string name, string role) =>
        [.. _ended.Where(activity => activity.OperationName == name && (string?)activity.GetTagItem("actorpeer.role") == role)];

    public void Dispose() => _listener.Dispose();
}
