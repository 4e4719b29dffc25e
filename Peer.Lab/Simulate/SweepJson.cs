using System.Globalization;
using System.Text.Json;

namespace Peer.Lab.Simulate;

/// <summary>A sweep's report for a program. Hashes are hexadecimal text: they do not fit into a JavaScript number.</summary>
internal static class SweepJson
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public static byte[] WriteUtf8(SweepReport report) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            Seeds = report.Plan.Seeds.ToString(),
            Minutes = report.Plan.Length.TotalMinutes,
            report.Plan.Jobs,
            report.Plan.VerifyDeterminism,
            SeedsRun = report.Outcomes.Count,
            Failed = report.Failures.Count(),
            report.Interrupted,
            WallS = Math.Round(report.Wall.TotalSeconds, 3),
            SeedsPerS = Math.Round(report.SeedsPerSecond, 3),
            VirtualHours = Math.Round(report.VirtualHours, 4),
            VirtualHoursPerMinute = Math.Round(report.VirtualHoursPerMinute, 3),
            report.Datagrams,
            report.Delivered,
            Digest = Hex(report.Digest),
            Failures = report.Failures.Select(outcome => new
            {
                outcome.Seed,
                outcome.Failure!.Law,
                AtS = outcome.Failure.At.TotalSeconds,
                outcome.Failure.Text,
                Timeline = outcome.Failure.LastLines,
                Replay = SweepText.Replay(report.Plan, outcome.Seed),
            }),
            Runs = report.Outcomes.Select(outcome => new
            {
                outcome.Seed,
                Hash = Hex(outcome.Hash),
                VirtualS = outcome.VirtualTime.TotalSeconds,
                outcome.Datagrams,
                outcome.Delivered,
            }),
        },
        Options);

    private static string Hex(ulong hash) => hash.ToString("x16", CultureInfo.InvariantCulture);
}
