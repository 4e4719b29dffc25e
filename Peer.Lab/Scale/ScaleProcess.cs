using System.Diagnostics;
using Peer.Lab.Children;

namespace Peer.Lab.Scale;

/// <summary>A child as the parent sees it: it is told words and answers with lines.</summary>
internal sealed class ScaleProcess(params string[] arguments) : IDisposable
{
    private readonly ChildProcess _process = new(ChildProcess.Program("Peer.Lab", arguments), TimeSpan.FromSeconds(15));

    public void Say(params ReadOnlySpan<string?> words) => _process.Say(words);

    /// <summary>Its next line.</summary>
    /// <exception cref="ScaleFailure">It has none: it has ended, says that something is wrong, or takes too long.</exception>
    public T Await<T>(TimeSpan patience, CancellationToken cancellation)
        where T : ScaleLine
    {
        var started = Stopwatch.GetTimestamp();
        while (patience - Stopwatch.GetElapsedTime(started) is var left && left > TimeSpan.Zero && _process.TryRead(out var text, left, cancellation))
        {
            switch (ScaleLine.Read(text))
            {
                case null:
                    break;
                case T expected:
                    return expected;
                case ScaleLine.Fault fault:
                    throw new ScaleFailure(fault.What);
                case var line:
                    throw new ScaleFailure($"a process of the experiment said {line}, where {typeof(T).Name} was expected");
            }
        }

        throw new ScaleFailure($"a process of the experiment {(_process.HasExited ? $"has ended with {_process.ExitCode}" : $"has not answered in {patience.TotalSeconds:0} s")}: {_process.Errors}");
    }

    public ScaleLine.Sample Sample(CancellationToken cancellation)
    {
        Say(ScaleWord.Sample);
        return Await<ScaleLine.Sample>(TimeSpan.FromSeconds(60), cancellation);
    }

    public void Dispose() => _process.Dispose();
}

/// <summary>The experiment cannot go on.</summary>
internal sealed class ScaleFailure(string message) : Exception(message);
