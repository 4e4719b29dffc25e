using System.Diagnostics;
using System.Text.Json;

namespace Peer.Node.Demo;

/// <summary>A child as its parent sees it: its process, and what it has said so far.</summary>
internal sealed class DemoProcess : IDisposable
{
    private const int KeptErrorLines = 20;

    private readonly Process _process;
    private readonly Queue<string> _errors = new();

    /// <summary>Starts the process; everything that it says goes to the queue, on threads of the pool.</summary>
    public DemoProcess(string name, ProcessStartInfo start, Action<DemoEvent> post)
    {
        Name = name;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        _ = ReadOutputAsync(post);
        _ = ReadErrorsAsync();
    }

    public string Name { get; }

    public int Port { get; private set; }

    /// <summary>Its peer ID, once it is ready.</summary>
    public int Id { get; private set; }

    public bool IsReady => Id != 0;

    public bool IsSettled { get; private set; }

    public ChildLine.Progress? Progress { get; private set; }

    /// <summary>The progress before the newest, for rates.</summary>
    public ChildLine.Progress? PreviousProgress { get; private set; }

    public ChildLine.FinalReport? Report { get; private set; }

    public ChildLine.Left? Left { get; private set; }

    public string? Failure { get; private set; }

    /// <summary>It will say nothing more.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The last lines of its standard error.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_errors)
                return [.. _errors];
        }
    }

    /// <summary>Takes note of what it said; null for its end.</summary>
    public void Apply(ChildLine? line)
    {
        switch (line)
        {
            case null:
                HasEnded = true;
                break;
            case ChildLine.Listening listening:
                Port = listening.Port;
                break;
            case ChildLine.Ready ready:
                Id = ready.Id;
                break;
            case ChildLine.Progress progress:
                (PreviousProgress, Progress) = (Progress, progress);
                break;
            case ChildLine.Settled:
                IsSettled = true;
                break;
            case ChildLine.FinalReport report:
                Report = report;
                break;
            case ChildLine.Left left:
                Left = left;
                break;
            case ChildLine.Failed failed:
                Failure = failed.Why;
                break;
        }
    }

    /// <summary>Tells it something; one that has ended does not hear it.</summary>
    public void Tell(ParentWord word)
    {
        try
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(new ParentLine(word), DemoJson.Default.ParentLine));
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
        }
    }

    /// <summary>The exit code, when it ends within that time.</summary>
    public int? WaitForExit(TimeSpan limit) => _process.WaitForExit(limit) ? _process.ExitCode : null;

    /// <summary>Ends it, if it has not ended by itself: the end of its input asks it to, then it is killed.</summary>
    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
        }

        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit(TimeSpan.FromSeconds(2));
        }

        _process.Dispose();
    }

    private async Task ReadOutputAsync(Action<DemoEvent> post)
    {
        string? unreadable = null;
        try
        {
            while (await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                if (JsonSerializer.Deserialize(line, DemoJson.Default.ChildLine) is { } said)
                    post(new DemoEvent(this, said));
            }
        }
        catch (Exception failure) when (failure is JsonException or IOException or ObjectDisposedException)
        {
            unreadable = failure.Message;
        }

        if (unreadable is not null)
            post(new DemoEvent(this, new ChildLine.Failed($"wrote what cannot be read: {unreadable}")));
        post(new DemoEvent(this, null));
    }

    private async Task ReadErrorsAsync()
    {
        try
        {
            while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
            {
                lock (_errors)
                {
                    if (_errors.Count == KeptErrorLines)
                        _errors.Dequeue();
                    _errors.Enqueue(line);
                }
            }
        }
        catch (Exception failure) when (failure is IOException or ObjectDisposedException)
        {
            // The process was ended under the reader; what it had said is kept.
        }
    }
}

/// <summary>A child said something, or (without a line) has ended; without a child, the user wants the demo to end.</summary>
internal readonly record struct DemoEvent(DemoProcess? Child, ChildLine? Line);
