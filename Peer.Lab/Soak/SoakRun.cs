using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Peer.Lab.Relay;

namespace Peer.Lab.Soak;

/// <summary>The judge: starts everybody, does the plan's deeds at their time, samples, lets things come to rest, and compares the books.</summary>
internal sealed class SoakRun : IDisposable
{
    private const double SampleSeconds = 5;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RestPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TellPatience = TimeSpan.FromSeconds(10);

    private readonly SoakPlan _plan;
    private readonly CancellationToken _cancel;
    private readonly BlockingCollection<(SoakProcess From, SoakLine Line)> _lines = [];
    private readonly SoakProcess[] _servers = new SoakProcess[SoakPlan.Servers];
    private readonly SoakProcess[] _clients = new SoakProcess[SoakPlan.ClientProcesses];
    private readonly UdpRelay[] _relays = new UdpRelay[SoakPlan.Servers];
    private readonly int[] _ports = new int[SoakPlan.Servers];
    private readonly Dictionary<SoakProcess, SoakLine.Sample> _last = [];
    private readonly List<SoakSample> _samples = [];
    private readonly List<string> _faults = [];
    private readonly SoakLedger _ledger = new();
    private readonly HashSet<SoakProcess> _told = [];
    private readonly Stopwatch _watch = new();
    private readonly Dictionary<SoakDeed, int> _done = [];
    private SoakProcess? _attacker;
    private (long Sent, long Received, double Cpu) _ofTheDead;
    private int _births;

    public SoakRun(SoakPlan plan, CancellationToken cancel)
    {
        _plan = plan;
        _cancel = cancel;
    }

    /// <summary>The whole soak; says every second how it goes.</summary>
    public SoakReport Run(Action<string> progress)
    {
        var finished = false;
        try
        {
            progress($"starting {SoakPlan.Servers} servers and {SoakPlan.ClientProcesses} processes of clients");
            Start();
            Soak(progress);
            progress("coming to rest");
            Rest();
            finished = true;
        }
        catch (OperationCanceledException)
        {
            // Interrupted: what is known is reported.
        }
        catch (SoakFailedException failure)
        {
            _faults.Add(failure.Message);
        }

        return Report(finished);
    }

    public void Dispose()
    {
        foreach (var process in Everybody)
            process.Dispose();
        foreach (var relay in _relays)
            relay?.Dispose();
        _lines.Dispose();
    }

    private IEnumerable<SoakProcess> Everybody => _clients.Concat(_servers).Append(_attacker!).Where(process => process is not null);

    private void Start()
    {
        for (var i = 0; i < _servers.Length; i++)
        {
            // Another server takes the port of one that is killed.
            _ports[i] = StartServer(i, FreePorts.Next());
            var shape = new RelayShape { Loss = _plan.Loss, Delay = 5_000, Jitter = 5_000, Duplicate = 0.005, Seed = _plan.Seed + (ulong)(2 * i) };
            _relays[i] = new UdpRelay(new IPEndPoint(IPAddress.Loopback, _ports[i]), shape, shape with { Seed = shape.Seed + 1 });
        }

        for (var i = 0; i < _clients.Length; i++)
            StartClients(i);
        _attacker = new SoakProcess("attacker", _lines, AttackerName, Text(_plan.Seed));
        Await<SoakLine.Ready>(_attacker, StartPatience);
    }

    private int StartServer(int index, int port)
    {
        _servers[index] = new SoakProcess($"server {index + 1}", _lines, ServerName, Text(_plan.Seed + 100 + (ulong)_births++), Text(_plan.Rate), Text(port));
        return Await<SoakLine.Ready>(_servers[index], StartPatience).Port;
    }

    private void StartClients(int index)
    {
        _clients[index] = new SoakProcess(
            $"clients {index + 1}", _lines, [ClientsName, Text(_plan.Seed + 100 + (ulong)_births++), Text(_plan.Rate), Text(_plan.ClientsOf(index)), .. _relays.Select(relay => Text(relay.Port))]);
        Await<SoakLine.Ready>(_clients[index], StartPatience);
    }

    private void Soak(Action<string> progress)
    {
        _watch.Start();
        var (nextSample, nextWord) = (0.0, 0.0);
        var steps = new Queue<SoakStep>(_plan.Steps);
        while (_watch.Elapsed.TotalSeconds < _plan.Seconds)
        {
            var now = _watch.Elapsed.TotalSeconds;
            while (steps.TryPeek(out var step) && step.At <= now)
                Do(steps.Dequeue());
            if (now >= nextSample)
            {
                nextSample = now + SampleSeconds;
                foreach (var process in Everybody)
                    process.Say(SoakWord.Sample);
            }

            if (now >= nextWord)
            {
                nextWord = now + 1;
                progress(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{now:0} of {_plan.Seconds:0} s, {_servers.Sum(server => _last.GetValueOrDefault(server)?.Peers ?? 0)} clients, {_last.Values.Sum(sample => sample.Received) + _ofTheDead.Received} messages, {_done.Values.Sum()} deeds, {_faults.Count} faults"));
            }

            CheckTheLiving();
            Take(TimeSpan.FromMilliseconds(50));
        }
    }

    private void Do(SoakStep step)
    {
        _done[step.Deed] = _done.GetValueOrDefault(step.Deed) + 1;
        switch (step.Deed)
        {
            case SoakDeed.Leave:
                _clients[step.Target].Say(SoakWord.Leave, Text((int)step.Amount));
                break;
            case SoakDeed.KillClients:
                Bury(_clients[step.Target]);
                StartClients(step.Target);
                break;
            case SoakDeed.KillServer:
                Bury(_servers[step.Target]);
                StartServer(step.Target, _ports[step.Target]);
                break;
            case SoakDeed.Freeze:
                _clients[step.Target].Freeze(step.Amount);
                break;
            case SoakDeed.Move:
                _relays[step.Target].Move((int)step.Amount, _plan.Seed + (ulong)(step.At * 1_000));
                break;
            case SoakDeed.Flood:
                _attacker!.Say(SoakWord.Flood, Text(_ports[step.Target]), Text((int)step.Amount), "3");
                break;
        }
    }

    private void Bury(SoakProcess process)
    {
        process.Kill();
        if (_last.Remove(process, out var last))
            _ofTheDead = (_ofTheDead.Sent + last.Sent, _ofTheDead.Received + last.Received, _ofTheDead.Cpu + last.Cpu);
        process.Dispose();
    }

    private void CheckTheLiving()
    {
        if (Everybody.FirstOrDefault(process => !process.IsCondemned && process.HasExited) is { } dead)
            throw new SoakFailedException($"{dead.Name} has died: {dead.Errors}");
    }

    /// <summary>Nobody says anything new; what is on its way arrives; then all tell how their streams stand, until nothing is missing or the time is up.</summary>
    private void Rest()
    {
        foreach (var process in Everybody)
            process.Say(SoakWord.Stop);
        var started = Stopwatch.GetTimestamp();
        do
        {
            var pause = Stopwatch.GetTimestamp();
            while (Stopwatch.GetElapsedTime(pause) < TimeSpan.FromSeconds(2))
                Take(TimeSpan.FromMilliseconds(100));
            _told.Clear();
            var asked = _clients.Concat(_servers).ToArray();
            foreach (var process in asked)
                process.Say(SoakWord.Tell);
            pause = Stopwatch.GetTimestamp();
            while (!asked.All(_told.Contains) && Stopwatch.GetElapsedTime(pause) < TellPatience)
                Take(TimeSpan.FromMilliseconds(100));
            CheckTheLiving();
        }
        while (_ledger.Missing > 0 && Stopwatch.GetElapsedTime(started) < RestPatience);
        foreach (var process in Everybody)
            process.Say(SoakWord.Sample);
        var last = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(last) < TimeSpan.FromSeconds(1))
            Take(TimeSpan.FromMilliseconds(100));
    }

    private T Await<T>(SoakProcess process, TimeSpan patience)
        where T : SoakLine
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < patience)
        {
            if (Take(TimeSpan.FromMilliseconds(100)) is var (from, line) && from == process && line is T wanted)
                return wanted;
            if (process.HasExited)
                break;
        }

        throw new SoakFailedException($"{process.Name} does not say {typeof(T).Name}: {process.Errors}");
    }

    /// <summary>Takes lines for as long as there are any, up to the first that is no entry of a book; waits for one at most so long.</summary>
    private (SoakProcess From, SoakLine Line)? Take(TimeSpan wait)
    {
        (SoakProcess From, SoakLine Line)? last = null;
        while (_lines.TryTake(out var taken, last is null ? (int)wait.TotalMilliseconds : 0, _cancel))
        {
            last = taken;
            switch (taken.Line)
            {
                case SoakLine.Entry entry:
                    _ledger.Enter(entry);
                    continue;
                case SoakLine.Fault fault:
                    _faults.Add($"{_watch.Elapsed.TotalSeconds:0.0} s, {taken.From.Name}: {fault.What}");
                    continue;
                case SoakLine.Told:
                    _told.Add(taken.From);
                    continue;
                case SoakLine.Sample sample:
                    if (!taken.From.IsCondemned)
                        _last[taken.From] = sample;
                    _samples.Add(new SoakSample(_watch.Elapsed.TotalSeconds, taken.From.Name, sample.Heap, sample.Resident, sample.Handles, sample.Threads, sample.Cpu, sample.Peers));
                    continue;
            }

            break;
        }

        return last;
    }

    private SoakReport Report(bool finished)
    {
        _faults.AddRange(_ledger.Impossible);
        var relayed = _relays.Where(relay => relay is not null).Select(relay => relay.Counts).ToArray();
        var books = _last.Where(pair => pair.Key != _attacker).Select(pair => pair.Value).ToArray();
        return new SoakReport
        {
            Seed = _plan.Seed,
            Minutes = Math.Min(_plan.Seconds, _watch.Elapsed.TotalSeconds) / 60,
            Clients = _plan.Clients,
            Rate = _plan.Rate,
            Loss = _plan.Loss,
            Finished = finished,
            Deeds = _done.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value),
            Steps = _plan.Steps,
            MessagesSent = _ofTheDead.Sent + books.Sum(sample => sample.Sent),
            MessagesReceived = _ofTheDead.Received + books.Sum(sample => sample.Received),
            Streams = _ledger.Streams,
            Survivors = _ledger.Survivors,
            SurvivorMessages = _ledger.SurvivorsSent,
            Missing = _ledger.Missing,
            Faults = _faults,
            HellosOfFloods = _attacker is not null && _last.TryGetValue(_attacker, out var attacker) ? attacker.Sent : 0,
            DatagramsRelayed = relayed.Sum(counts => counts.There.Datagrams + counts.Back.Datagrams),
            DatagramsLost = relayed.Sum(counts => counts.There.Lost + counts.Back.Lost),
            CpuSeconds = _ofTheDead.Cpu + _last.Values.Sum(sample => sample.Cpu),
            Flat = [.. Flat()],
            Samples = _samples,
        };
    }

    /// <summary>Those that live from the first second to the last.</summary>
    private IEnumerable<Flatness> Flat()
    {
        var kept = _servers.Take(SoakPlan.Servers - 1).Concat(_clients.Take(SoakPlan.Mortal)).Where(process => process is not null);
        foreach (var name in kept.Select(process => process.Name))
        {
            var own = _samples.Where(sample => sample.Process == name).ToArray();
            (string What, double Slack, Func<SoakSample, double> Of)[] figures =
            [
                ("heap, MiB", 0.5, sample => sample.Heap / 1048576.0), ("resident, MiB", 4, sample => sample.Resident / 1048576.0),
                ("handles", 4, sample => sample.Handles), ("threads", 2, sample => sample.Threads),
            ];
            foreach (var (what, slack, of) in figures)
            {
                if (Flatness.Of(name, what, [.. own.Select(sample => (sample.At, of(sample)))], _watch.Elapsed.TotalSeconds, slack) is { } flat)
                    yield return flat;
            }
        }
    }

    public const string ServerName = "soak-server";
    public const string ClientsName = "soak-clients";
    public const string AttackerName = "soak-attacker";

    private static string Text<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}

/// <summary>The soak cannot go on.</summary>
internal sealed class SoakFailedException(string message) : Exception(message);
