using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Peer.Node;
using Spectre.Console;

namespace Peer.Lab.Fuzz;

/// <summary><c>fuzz</c>: inputs that nobody thought of, guided by where they go in the library.</summary>
internal static class FuzzCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly string Guide = $"""
        Changes genuine inputs, by fields and by bytes, and keeps those that pass a branch of the library as no other has. An input breaks something when an exception comes out, when a law of its target does not
        hold afterwards (an honest peer is still heard; nothing stays reserved), when it costs more memory than its length allows, or does not come back. What breaks is made small and written to a file.
        The same input does the same each time. Ctrl+C ends the session with its report.

        Targets:
          {string.Join("\n  ", FuzzTargets.Descriptions)}

        Examples:
          Peer.Lab fuzz --target all --seconds 10
          Peer.Lab fuzz --target frames --inputs 10000000 --corpus Peer.Tests/Fuzz/Corpus --json frames.json
          Peer.Lab fuzz --target frames --replay fuzz-findings/frames-0123456789ab.bin

        Exit codes: 0 nothing broke; 1 something broke; 2 wrong usage, or a file that cannot be written; 130 interrupted, and nothing had broken.
        """;

    public static Command Create()
    {
        var target = new Option<string[]>("--target") { Description = "What to fuzz, or all", HelpName = "NAME", DefaultValueFactory = _ => ["all"], AllowMultipleArgumentsPerToken = true };
        target.AcceptOnlyFromAmong([.. FuzzTargets.Names, "all"]);
        var inputs = new Option<long>("--inputs") { Description = "Inputs of each target; 0 for no limit", HelpName = "N" }.Within(0, long.MaxValue);
        var seconds = new Option<double>("--seconds") { Description = "Seconds of each target; 0 for no limit. Without both, 10 s", HelpName = "S" }.Within(0, 1e6);
        var seed = new Option<ulong>("--seed") { Description = "Of the chance", HelpName = "N", DefaultValueFactory = _ => 1 };
        var corpus = new Option<DirectoryInfo?>("--corpus") { Description = "Inputs to begin with, in a folder for each target", HelpName = "DIR" };
        var distil = new Option<DirectoryInfo?>("--distil") { Description = "Writes few inputs that pass all that was passed", HelpName = "DIR" };
        var findings = new Option<DirectoryInfo>("--findings") { Description = "Where to write inputs that break something", HelpName = "DIR", DefaultValueFactory = _ => new DirectoryInfo("fuzz-findings") };
        var json = new Option<FileInfo?>("--json") { Description = "Writes the report as JSON, too", HelpName = "FILE" };
        var replay = new Option<FileInfo?>("--replay") { Description = "Runs this one input, once", HelpName = "FILE" };
        replay.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo?>() is { Exists: false } missing)
                result.AddError($"--replay: there is no {missing}");
        });
        var command = new GuidedCommand("fuzz", "Looks for inputs that break the library, guided by coverage.", Guide) { target, inputs, seconds, seed, corpus, distil, findings, json, replay };
        command.SetAction(result =>
        {
            var console = result.InvocationConfiguration;
            var names = result.GetValue(target)!.SelectMany(name => name == "all" ? FuzzTargets.Names : [name]).Distinct().ToArray();
            if (result.GetValue(replay) is { } file)
                return Replay(names, file, console.Output);
            var plan = new FuzzPlan(
                names,
                result.GetValue(inputs),
                result.GetValue(inputs) == 0 && result.GetValue(seconds) == 0 ? 10 : result.GetValue(seconds),
                result.GetValue(seed),
                result.GetValue(corpus)?.FullName ?? "",
                result.GetValue(distil)?.FullName ?? "",
                result.GetValue(findings)!.FullName);
            using var interrupt = new CancellationTokenSource();
            using var signals = new TerminationSignals(interrupt.Cancel);
            var reports = Run(plan, console.Error, interrupt.Token);
            Write(console.Output, plan, reports);
            if (result.GetValue(json) is { } report && !OutputFile.Write(report, stream => JsonSerializer.Serialize(stream, new { plan.Seed, Targets = reports }, Indented), console.Error))
                return ExitCode.Usage;
            return reports.Any(target => target.Findings.Count > 0) ? ExitCode.Violation : interrupt.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Ok;
        });
        return command;
    }

    private static List<TargetReport> Run(FuzzPlan plan, TextWriter error, CancellationToken cancel)
    {
        var library = new InstrumentedLibrary();
        var text = JsonSerializer.Serialize(plan);
        string reports;
        if (error == Console.Error && !Console.IsErrorRedirected)
        {
            reports = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) }).Status().Start(
                "instrumenting", status => library.Run(text, (name, inputs, rate, kept, edges, broken) => status.Status(Markup.Escape(Line(name, inputs, rate, kept, edges, broken))), cancel));
        }
        else
        {
            var next = 0L;
            reports = library.Run(
                text,
                (name, inputs, rate, kept, edges, broken) =>
                {
                    if (Environment.TickCount64 < next)
                        return;
                    next = Environment.TickCount64 + 10_000;
                    error.WriteLine(Line(name, inputs, rate, kept, edges, broken));
                },
                cancel);
        }

        return JsonSerializer.Deserialize<List<TargetReport>>(reports)!;
    }

    private static int Replay(string[] names, FileInfo file, TextWriter output)
    {
        if (names is not [var name])
        {
            output.WriteLine("--replay goes with one --target");
            return ExitCode.Usage;
        }

        using var target = FuzzTargets.Create(name);
        try
        {
            target.Execute(File.ReadAllBytes(file.FullName));
            output.WriteLine("nothing breaks");
            return ExitCode.Ok;
        }
        catch (Exception problem)
        {
            output.WriteLine(problem);
            return ExitCode.Violation;
        }
    }

    private static void Write(TextWriter output, FuzzPlan plan, List<TargetReport> reports)
    {
        foreach (var report in reports)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Target}: {report.Inputs} inputs in {report.Seconds:0.0} s ({report.PerSecond:0}/s), {report.Edges} edges, {report.Corpus} kept, heap {report.HeapEarly / 1048576.0:0.0} to {report.HeapLate / 1048576.0:0.0} MiB, {report.Findings.Count} findings"));
            foreach (var finding in report.Findings)
                output.WriteLine($"  input {finding.Number}, {finding.Length} bytes, {finding.File}: {finding.What}");
        }

        output.WriteLine($"seed {plan.Seed}, {reports.Sum(report => report.Inputs)} inputs, {reports.Sum(report => report.Findings.Count)} findings");
    }

    private static string Line(string name, long inputs, double rate, int kept, int edges, int broken) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}: {inputs} inputs, {rate:0}/s, {edges} edges, {kept} kept, {broken} findings");
}
