using System.Text;
using Akka.Configuration;

namespace Peer.TestKit.Scenarios;

/// <summary>Plays one scenario: performers on hosts, weather over the links, an oracle that watches.</summary>
internal sealed class Stage : IDisposable
{
    public const int Port = 7000;
    public const int ENetPort = 7001;

    private const int LinesOfTimeline = 120;

    private readonly Scenario _scenario;
    private readonly Weather _weather;
    private readonly TimelineRecorder? _recorder;
    private readonly Dictionary<string, Performer> _performers = [];

    public Stage(Scenario scenario, bool keepTimeline)
    {
        _scenario = scenario;
        // The window is far smaller than by default, so that two minutes of traffic need credit to come back.
        Simulation = new Simulation(scenario.Seed, ConfigurationFactory.ParseString($$"""
            akka.loglevel = ERROR
            akka.stdout-loglevel = OFF
            akka.loggers = []
            actorpeer.server.relay = {{(scenario.Relay ? "on" : "off")}}
            actorpeer.connection.receive-window = 256KiB
            actorpeer.delivery.max-message = 128KiB
            actorpeer.resume.grace = {{scenario.Grace.TotalSeconds:0}}s
            """));
        _weather = new Weather(scenario, Simulation, name => _performers[name].UpFor);
        Oracle = new Oracle(() => Simulation.Time.Elapsed, scenario.Relay, _weather);
        for (var i = 0; i < scenario.Peers.Count; i++)
            _performers.Add(scenario.Peers[i].Name, new Performer(this, scenario, i));
        _recorder = keepTimeline ? new TimelineRecorder(Simulation, scenario) : null;
    }

    public Simulation Simulation { get; }

    public Oracle Oracle { get; }

    /// <summary>Null unless the timeline is kept: ask before making the text.</summary>
    public TimelineRecorder? Recorder => _recorder;

    public ScenarioResult Play()
    {
        _weather.Begin();
        foreach (var performer in _performers.Values)
            Simulation.After(performer.JoinsAt, performer.Boot);
        foreach (var fault in _scenario.Faults)
            Simulation.After(fault.At, () => Begin(fault));
        Simulation.Every(TimeSpan.FromSeconds(1), Inspect);
        try
        {
            if (!Simulation.RunUntil(() => Oracle.Violation is not null, _scenario.Length))
                Finish();
        }
        catch (Exception thrown) when (thrown is not OutOfMemoryException)
        {
            Oracle.Break(Laws.NoErrorLogged, $"thrown at a caller: {thrown}");
        }

        var timeline = _recorder?.Take(_scenario) ?? Timeline.Empty;
        var violation = Oracle.Violation is { } broken ? broken with { Text = Explain(broken, timeline) } : null;
        return new ScenarioResult(
            _scenario, Simulation.TraceHash, Simulation.Time.Elapsed, Simulation.Network.Datagrams, Oracle.Delivered, violation, timeline) { Returns = Oracle.Returns };
    }

    public void Dispose()
    {
        // A crash is quicker than a hundred farewells.
        foreach (var performer in _performers.Values)
            performer.Host.Crash();
        Simulation.Dispose();
    }

    private bool Inspect()
    {
        if (Simulation.Errors.Count > 0)
            Oracle.Break(Laws.NoErrorLogged, Simulation.Errors[0].ToString());
        foreach (var performer in _performers.Values)
            performer.Inspect(atEnd: false);
        return true;
    }

    private void Finish()
    {
        Inspect();
        Oracle.Finish([.. _scenario.Peers.Select(peer => peer.Name)]);
        foreach (var performer in _performers.Values)
            performer.Inspect(atEnd: true);
    }

    private void Begin(Fault fault)
    {
        _recorder?.Add(TimelineKind.Fault, fault.Host, fault.Other ?? "", $"{fault.Kind} begins");
        var performer = _performers[fault.Host];
        switch (fault.Kind)
        {
            case FaultKind.Stall:
                performer.Stalls(fault.Duration);
                break;

            case FaultKind.Freeze:
                performer.Host.Freeze();
                break;

            case FaultKind.Crash:
                performer.Crash();
                break;

            case FaultKind.Rebind:
                performer.Host.ChangeAddress();
                break;

            case FaultKind.Leave:
                performer.Leave(fault.Duration);
                break;

            case FaultKind.Kick:
                _performers[_scenario.Peers[0].Name].Kick(performer.Id, fault.Severity > 0.5);
                break;

            default:
                _weather.Begin(fault);
                break;
        }

        Simulation.After(fault.Duration, () => End(fault));
    }

    private void End(Fault fault)
    {
        _recorder?.Add(TimelineKind.Fault, fault.Host, fault.Other ?? "", $"{fault.Kind} ends");
        var performer = _performers[fault.Host];
        switch (fault.Kind)
        {
            case FaultKind.Freeze:
                performer.Host.Thaw();
                break;

            case FaultKind.Crash:
                performer.Host.Restart();
                performer.Boot();
                break;

            default:
                _weather.End(fault);
                break;
        }
    }

    private string Explain(Violation broken, Timeline timeline)
    {
        var text = new StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"seed {_scenario.Seed}, {broken.At.TotalSeconds:0.000000} s: \"{broken.Law}\" was broken: {broken.Text}\n");
        if (timeline.Entries.Count > 0)
            text.Append(_scenario.Describe()).Append("before it:\n").Append(timeline.Last(LinesOfTimeline));
        return text.ToString();
    }
}
