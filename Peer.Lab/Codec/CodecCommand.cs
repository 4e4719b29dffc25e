using System.CommandLine;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Peer.Node;

namespace Peer.Lab.Codec;

/// <summary><c>codec</c>: what the pure core costs, part by part.</summary>
internal static class CodecCommand
{
    private const string Guide = """
        Sealing and opening, headers, ACK frames, runs, and a datagram's whole way between two links. One process, short runs, about a minute in all.

        Examples:
          Peer.Lab codec

        Exit codes: 0 measured; 1 a benchmark failed; 2 wrong usage.
        """;

    public static Command Create()
    {
        var command = new GuidedCommand("codec", "Micro-benchmarks of the protocol's core.", Guide);
        command.SetAction(result =>
        {
            // Results go to the output alone, no files are left behind.
            var folder = Directory.CreateTempSubdirectory("peer-codec-");
            try
            {
                var output = new Lines(result.InvocationConfiguration.Output);
                var config = ManualConfig.CreateEmpty()
                    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.DontLogOutput))
                    .AddLogger(NullLogger.Instance)
                    .AddColumnProvider(DefaultColumnProviders.Instance)
                    .WithArtifactsPath(folder.FullName);
                var summaries = new[] { typeof(SealBenchmarks), typeof(FrameBenchmarks), typeof(LinkBenchmarks) }.Select(type => BenchmarkRunner.Run(type, config)).ToList();
                foreach (var summary in summaries)
                    MarkdownExporter.Console.ExportToLog(summary, output);
                return summaries.All(summary => summary.Reports.Length > 0 && summary.Reports.All(report => report.Success)) ? ExitCode.Ok : ExitCode.Violation;
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        });
        return command;
    }

    private sealed class Lines(TextWriter output) : ILogger
    {
        public string Id => nameof(Lines);

        public int Priority => 0;

        public void Write(LogKind logKind, string text) => output.Write(text);

        public void WriteLine() => output.WriteLine();

        public void WriteLine(LogKind logKind, string text) => output.WriteLine(text);

        public void Flush() => output.Flush();
    }
}
